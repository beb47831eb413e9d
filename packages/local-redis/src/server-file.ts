import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What is remembered of the server that uses, or last used, a data folder. */
export interface ServerFile {
  readonly v: 1;
  readonly port: number;
  readonly password: string;
  readonly pid: number;
  /** Process that started it. */
  readonly ownerPid: number;
}

/** Null when no server has run there, or a crash left the file half-written. */
export async function readServerFile(dataDir: string): Promise<ServerFile | null> {
  try {
    return parse(JSON.parse(await readFile(serverFilePath(dataDir), "utf8")));
  } catch {
    return null; // absent, or not JSON
  }
}

/** Readable by its owner only: it holds the password. */
export async function writeServerFile(dataDir: string, file: ServerFile): Promise<void> {
  const path = serverFilePath(dataDir);
  await writeFile(`${path}.tmp`, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}

function serverFilePath(dataDir: string): string {
  return join(dataDir, "server.json");
}

function parse(content: unknown): ServerFile | null {
  if (typeof content !== "object" || content === null) return null;
  const port: unknown = Reflect.get(content, "port");
  const password: unknown = Reflect.get(content, "password");
  const pid: unknown = Reflect.get(content, "pid");
  const ownerPid: unknown = Reflect.get(content, "ownerPid");
  if (typeof port !== "number" || typeof password !== "string") return null;
  if (typeof pid !== "number" || typeof ownerPid !== "number") return null;
  return { v: 1, port, password, pid, ownerPid };
}
