import type { Consumer } from "./consumer.ts";

/** Grace of consumers that are disposed of instead of stopped. */
const DISPOSE_GRACE_MS = 10_000;

/** Several consumers that start and stop as one; `close` runs when all have stopped. */
export function joinConsumers(
  consumers: readonly Consumer[],
  close: () => Promise<void>,
): Consumer {
  let stopping: Promise<void> | null = null;
  const stop = async (graceMs: number): Promise<void> => {
    stopping ??= stopAll(consumers, { graceMs, close });
    await stopping;
  };
  return {
    get isConnected() {
      return consumers.every((consumer) => consumer.isConnected);
    },
    stop: async ({ graceMs }) => await stop(graceMs),
    [Symbol.asyncDispose]: async () => await stop(DISPOSE_GRACE_MS),
  };
}

async function stopAll(
  consumers: readonly Consumer[],
  { graceMs, close }: { graceMs: number; close: () => Promise<void> },
): Promise<void> {
  const ends = await Promise.allSettled(consumers.map(async (c) => await c.stop({ graceMs })));
  await close();
  const errors = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  if (errors.length > 0) throw new AggregateError(errors, "consumers did not stop cleanly");
}
