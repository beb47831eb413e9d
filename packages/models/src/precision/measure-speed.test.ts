import { expect, test } from "vitest";
import type { Preprocessing } from "../directory/preprocessor-config.ts";
import type { GraphSession } from "./graph-session.ts";
import { measureSpeed } from "./measure-speed.ts";

/** Sessions on a clock of their own: each run takes the next of its times. */
function fakePair(times: {
  readonly float: readonly number[];
  readonly variant: readonly number[];
}) {
  let clock = 0;
  const calls: string[] = [];
  const session = (name: "float" | "variant"): GraphSession => {
    let runs = 0;
    return {
      run: async () => {
        calls.push(name);
        clock += times[name][runs++ % times[name].length] ?? 0;
        return await Promise.resolve(new Map());
      },
      [Symbol.asyncDispose]: async () => await Promise.resolve(),
    };
  };
  const pair = { float: session("float"), variant: session("variant") };
  return { pair, calls, now: () => clock };
}

const preprocessing: Preprocessing = {
  fit: "shortest-edge",
  resize: 2,
  cropHeight: 1,
  cropWidth: 1,
  interpolation: "bilinear",
  rescale: 1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

test("both take turns behind a warm-up, and the ratio is the median of the rounds'", async () => {
  // The first of each is the warm-up; one round is disturbed.
  const { pair, calls, now } = fakePair({
    float: [9999, 100, 100, 5000, 100, 100, 100, 100],
    variant: [9999, 40, 40, 40, 40, 40, 40, 40],
  });
  const pictures = [new Uint8Array(3)];
  const speed = await measureSpeed({ ...pair, pictures, preprocessing: preprocessing }, now);
  expect(calls.slice(0, 6)).toEqual(["float", "variant", "float", "variant", "float", "variant"]);
  expect(speed).toMatchObject({ batch: 8, floatPicturesPerSecond: 80, picturesPerSecond: 200 });
  expect(speed.ratio).toBeCloseTo(2.5, 6);
});
