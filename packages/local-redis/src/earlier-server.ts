import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { RedisStartError } from "./errors.ts";
import { askRedis } from "./resp.ts";
import type { ServerFile } from "./server-file.ts";

const SHUTDOWN_TIMEOUT_MS = 10_000;
const POLL_EVERY_MS = 25;

/**
 * Makes sure that no other server uses the data folder: two on one append-only file would destroy it. One whose
 * owner was killed is shut down, so that nobody has to clean up after a crash.
 *
 * @throws RedisStartError when the owner still lives, or the server does not go
 */
export async function endEarlierServer(earlier: ServerFile, dataDir: string): Promise<void> {
  const { pid, ownerPid } = earlier;
  const parent = await parentOfRedis(pid);
  if (parent === null) return;
  if (parent === ownerPid) {
    throw new RedisStartError(
      `a Redis of ours (process ${pid}) still uses ${dataDir}: another sluice start runs with this data folder; stop it, or choose another dataDir`,
    );
  }
  await shutDown(earlier);
  const deadline = AbortSignal.timeout(SHUTDOWN_TIMEOUT_MS);
  while ((await parentOfRedis(pid)) !== null) {
    if (deadline.aborted) {
      throw new RedisStartError(
        `a Redis of ours (process ${pid}), left over from a crash, still uses ${dataDir} and does not shut down; end that process`,
      );
    }
    await delay(POLL_EVERY_MS);
  }
}

/**
 * Parent of a process that is a Redis; null when there is none under this id, which may have been given to
 * somebody else since. An orphan's parent is not the one that started it.
 */
async function parentOfRedis(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // `pid (name) state parent …`; a zombie has ended already.
    const [, name = "", state, parent] = /^\d+ \((.*)\) (\S) (\d+) /u.exec(stat) ?? [];
    return /^(?:redis|valkey)/u.test(name) && state !== "Z" ? Number(parent) : null;
  } catch {
    return null; // no such process
  }
}

async function shutDown({ port, password }: ServerFile): Promise<void> {
  try {
    await askRedis({ port, password, timeoutMs: 2000 }, ["SHUTDOWN", "SAVE"]);
  } catch {
    // It answers by closing the connection; whether it went is looked at next.
  }
}
