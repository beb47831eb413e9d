import type { GraphTimer, GraphTiming, TimedGraph } from "../precision/graph-timer.ts";

export interface FakeTimer extends GraphTimer {
  /** Names of the graphs of each measurement. */
  readonly measurements: string[][];
}

/**
 * A timer by the clock of a test.
 *
 * @param times of a batch, by what the graph's name ends with; a text is why it does not run
 */
export function fakeTimer(
  times: Readonly<Record<string, readonly number[] | string>>,
  change: Partial<GraphTimer> = {},
): FakeTimer {
  const measurements: string[][] = [];
  return {
    provider: "cpu",
    conditions: { device: "Test CPU", threads: 2, rows: 32 },
    hasExactByteProducts: false,
    measurements,
    async time(graphs: readonly TimedGraph[]) {
      measurements.push(graphs.map(({ model }) => model));
      const timings = graphs.map(({ model }): GraphTiming => {
        const time = times[model.split(":").at(-1) ?? ""] ?? "no time is given";
        return typeof time === "string"
          ? { kind: "failed", message: time }
          : { kind: "timed", roundsMs: time };
      });
      return await Promise.resolve(timings);
    },
    ...change,
  };
}
