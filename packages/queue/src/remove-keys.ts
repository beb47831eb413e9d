import { connectFailFast, firstConnectAttempt, type QueueOptions } from "./connection.ts";

const COMMAND_TIMEOUT_MS = 5000;
const KEYS_AT_A_TIME = 500;

/**
 * Removes every key below a prefix: for an installation that lived for a moment on a Redis that others use, too. Nothing of it may
 * run any more. Returns how many keys there were.
 *
 * @throws the client's error when Redis is away
 */
export async function removeKeys(options: QueueOptions): Promise<number> {
  const redis = connectFailFast(options, COMMAND_TIMEOUT_MS);
  try {
    await firstConnectAttempt(redis, COMMAND_TIMEOUT_MS);
    let removed = 0;
    let cursor = "0";
    do {
      const page = await redis.scan(
        cursor,
        "MATCH",
        `${options.prefix}:*`,
        "COUNT",
        KEYS_AT_A_TIME,
      );
      cursor = page[0];
      // One by one: in a cluster the keys of different queues lie on different nodes.
      for (const key of page[1]) removed += await redis.unlink(key);
    } while (cursor !== "0");
    return removed;
  } finally {
    redis.disconnect();
  }
}
