import { askRedis } from "./resp.ts";
import { readServerFile } from "./server-file.ts";

/** Address of the Redis of our own that runs in this data folder; null when none answers. */
export async function findRunningRedis(dataDir: string): Promise<string | null> {
  const file = await readServerFile(dataDir);
  if (file === null) return null;
  try {
    await askRedis({ port: file.port, password: file.password, timeoutMs: 1000 }, ["PING"]);
    return localUrl(file);
  } catch {
    return null; // it has ended, or somebody else listens there now
  }
}

export function localUrl({ port, password }: { port: number; password: string }): string {
  return `redis://:${password}@127.0.0.1:${port}/0`;
}
