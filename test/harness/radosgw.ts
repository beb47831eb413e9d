import { execFile, spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireProgram } from "./debian-program.ts";
import { freePorts } from "./free-ports.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

/** Everything lies in memory and in one copy; the monitor is told to expect no other daemon. */
const SETTINGS = `
auth cluster required = none
auth service required = none
auth client required = none
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
`;

/** Without this mode radosgw never gets past its greeting to a monitor that wants no password. */
const GATEWAY_SETTINGS = `
ms mon client mode = crc secure
rgw enable apis = s3, notifications, pubsub, sns
rgw thread pool size = 64
rgw crypt require ssl = false
`;

/** A real S3 server on loopback: Ceph's gateway (radosgw) before one monitor and one store in memory. */
export class Radosgw implements AsyncDisposable {
  readonly endpoint: string;
  /** Of a user who may do everything with buckets of its own. */
  readonly credentials = { accessKeyId: "test", secretAccessKey: "test-secret" } as const;
  readonly region = "us-east-1";
  readonly #folder: string;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  /** Takes about ten seconds, and 2 more at the first write. */
  static async start(): Promise<Radosgw> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-radosgw-"));
    const [port = 0, ...monitorPorts] = await freePorts(3);
    const server = new Radosgw(folder, port);
    try {
      await server.#start(port, monitorPorts);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /** Another user with buckets of its own, who may not touch anybody else's. */
  async addUser(name: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
    const keys = { accessKeyId: name, secretAccessKey: `${name}-secret` };
    await this.#run(
      requireProgram("radosgw-admin", "ceph-common"),
      "user",
      "create",
      `--uid=${name}`,
      `--display-name=${name}`,
      `--access-key=${keys.accessKeyId}`,
      `--secret-key=${keys.secretAccessKey}`,
    );
    return keys;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, "exit");
      child.kill("SIGKILL"); // nothing here is worth writing down
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #start(port: number, [monitorPort = 0, olderPort = 0]: readonly number[]): Promise<void> {
    const monitor = requireProgram("ceph-mon", "ceph-mon");
    const store = requireProgram("ceph-osd", "ceph-osd");
    const gateway = requireProgram("radosgw", "radosgw");
    const ceph = requireProgram("ceph", "ceph-common");
    const mapTool = requireProgram("monmaptool", "ceph-base");
    const address = `[v2:127.0.0.1:${monitorPort},v1:127.0.0.1:${olderPort}]`;
    const fsid = randomUUID();
    await mkdir(this.#path("out"));
    await mkdir(this.#path("mon"));
    await mkdir(this.#path("osd"));
    await writeFile(this.#path("ceph.conf"), this.#settings({ fsid, address, port }));
    const map = this.#path("monmap");
    await this.#run(mapTool, "--create", "--fsid", fsid, "--addv", "a", address, map);
    await this.#run(monitor, "--mkfs", "-i", "a", "--monmap", map, "--keyring", "/dev/null");
    await this.#spawn(monitor, "-i", "a");
    const id = (await this.#run(ceph, "osd", "create")).trim();
    await this.#run(store, "-i", id, "--mkfs");
    await this.#spawn(store, "-i", id);
    await this.#spawn(gateway, "-n", "client.rgw");
    await this.addUser(this.credentials.accessKeyId);
    await until(async () => await this.#answers(), {
      what: "radosgw to answer",
      timeoutMs: 60_000,
      describe: async () => await this.#log("radosgw"),
    });
  }

  #settings(place: { fsid: string; address: string; port: number }): string {
    return `[global]
fsid = ${place.fsid}
mon host = ${place.address}
mon data = ${this.#path("mon")}
osd data = ${this.#path("osd")}
run dir = ${this.#path("out")}
log file = ${this.#path("out")}/$name.log
admin socket = ${this.#path("out")}/$name.asok
mon cluster log file = ${this.#path("out")}/cluster.log
${SETTINGS}
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:${place.port}
${GATEWAY_SETTINGS}`;
  }

  async #answers(): Promise<true | undefined> {
    const answer = await fetch(this.endpoint).catch(() => null);
    await answer?.arrayBuffer();
    return answer?.ok === true ? true : undefined;
  }

  /** In the foreground (`-f`), so that it ends with us and is ended by us. */
  async #spawn(program: string, ...args: readonly string[]): Promise<void> {
    await using log = await open(this.#path(`${program.split("/").at(-1) ?? ""}.out`), "a");
    const line = ["-f", "-c", this.#path("ceph.conf"), ...args];
    const child = spawn(program, line, { stdio: ["ignore", log.fd, log.fd] });
    this.#children.push(child);
    await once(child, "spawn");
  }

  async #run(program: string, ...args: readonly string[]): Promise<string> {
    const line = ["-c", this.#path("ceph.conf"), ...args];
    const { stdout } = await run(program, line, { timeout: 60_000 });
    return stdout;
  }

  async #log(program: string): Promise<string> {
    return await readFile(this.#path(`${program}.out`), "utf8").catch(() => "");
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}
