import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { requireProgram } from "./debian-program.ts";
import { until } from "./until.ts";

const INFRA = join(import.meta.dirname, "../../infra/nginx");

export interface NginxOptions {
  /** Everything of nginx lies here; the uploads in `uploads`, the logs in `logs`. */
  readonly folder: string;
  /** Port of the application behind /upload. */
  readonly applicationPort?: number;
  /** Directives for the http block. */
  readonly more?: string;
  /** Changes the example site. */
  readonly change?: (site: string) => string;
  readonly workers?: number;
}

/** Debian's nginx with the log format and the example site that ship in infra/nginx. */
export class NginxServer implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(options: NginxOptions): Promise<NginxServer> {
    const program = requireProgram("nginx", "nginx-light");
    const { folder } = options;
    const port = await freePort();
    for (const name of ["uploads", "body-temp", "logs"]) {
      await mkdir(join(folder, name), { recursive: true });
    }
    const config = join(folder, "nginx.conf");
    await writeFile(config, await makeConfig(options, port));
    const child = spawn(program, ["-p", folder, "-c", config], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    child.stderr?.on("data", (chunk) => (errors += String(chunk)));
    const server = new NginxServer(child, port);
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`nginx ended: ${errors}`);
        const answer = await fetch(`${server.url}/nothing`).catch(() => null);
        return answer === null ? undefined : true;
      },
      { what: "nginx", timeoutMs: 20_000, describe: () => errors },
    );
    return server;
  }

  /** After a log was renamed: nginx makes a new one. */
  reopenLogs(): void {
    this.#child.kill("SIGUSR1");
  }

  /** Waits until no worker writes to a file any more: they open their logs again one by one, when they come to it. */
  async waitUntilClosed(file: string): Promise<void> {
    const master = String(this.#child.pid);
    await until(
      async () => {
        const children = await readFile(`/proc/${master}/task/${master}/children`, "utf8");
        for (const pid of [master, ...children.trim().split(" ")]) {
          for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
            if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")) === file)
              return undefined;
          }
        }
        return true;
      },
      { what: `nginx to let go of ${file}`, timeoutMs: 20_000 },
    );
  }

  async put(path: string, body: string | Uint8Array): Promise<number> {
    const answer = await fetch(`${this.url}/dav/${path}`, {
      method: "PUT",
      body: Buffer.from(body),
    });
    await answer.arrayBuffer();
    return answer.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await gone;
  }
}

async function makeConfig(
  { folder, applicationPort = 1, more = "", change = (site) => site, workers = 1 }: NginxOptions,
  port: number,
): Promise<string> {
  const format = await readFile(join(INFRA, "sluice-log-format.conf"), "utf8");
  const site = (await readFile(join(INFRA, "uploads-site.conf"), "utf8"))
    .replace("listen 8080", `listen 127.0.0.1:${port}`)
    .replace("127.0.0.1:3000", `127.0.0.1:${applicationPort}`)
    .replaceAll("/srv/site", folder)
    .replaceAll("/var/log/nginx", join(folder, "logs"));
  return `daemon off;
user root;
pid ${join(folder, "nginx.pid")};
error_log ${join(folder, "logs/error.log")} warn;
worker_processes ${workers};
events { worker_connections 1024; }
http {
  proxy_temp_path ${join(folder, "proxy-temp")};
  fastcgi_temp_path ${join(folder, "fastcgi-temp")};
  uwsgi_temp_path ${join(folder, "uwsgi-temp")};
  scgi_temp_path ${join(folder, "scgi-temp")};
  keepalive_requests 1000000;
  ${more}
  ${format}
  ${change(site)}
}
`;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return address.port;
}
