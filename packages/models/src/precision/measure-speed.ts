import type { Preprocessing } from "../directory/preprocessor-config.ts";
import { pictureTensor } from "./picture-tensor.ts";
import { BATCH } from "./score-pictures.ts";
import type { GraphSession } from "./graph-session.ts";

/** Two networks for the same pictures. */
export interface ModelPair {
  readonly float: GraphSession;
  readonly variant: GraphSession;
  /** Pixels of each, see pictureTensor; taken again when they are fewer than a batch. */
  readonly pictures: readonly Uint8Array[];
  readonly preprocessing: Preprocessing;
}

/** How fast a variant runs beside its float model on this machine, in turns, so that both meet the same disturbances. */
export interface Speed {
  readonly batch: number;
  readonly rounds: number;
  /** Medians over the rounds. */
  readonly floatPicturesPerSecond: number;
  readonly picturesPerSecond: number;
  /** Median of the ratio of each round; above 1 the variant is faster. */
  readonly ratio: number;
}

const ROUNDS = 7;

/** @param now milliseconds of a clock that only goes forward */
export async function measureSpeed(pair: ModelPair, now: () => number): Promise<Speed> {
  const { pictures, preprocessing } = pair;
  const batch = Array.from({ length: BATCH }, (_, i) => pictures[i % pictures.length] ?? NONE);
  const input = pictureTensor(batch, preprocessing);
  const time = async (session: GraphSession): Promise<number> => {
    const start = now();
    await session.run(input, ["logits"]);
    return now() - start;
  };
  await time(pair.float);
  await time(pair.variant);
  const rounds: { readonly float: number; readonly variant: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    rounds.push({ float: await time(pair.float), variant: await time(pair.variant) });
  }
  const perSecond = (milliseconds: number): number => (BATCH * 1000) / milliseconds;
  return {
    batch: BATCH,
    rounds: ROUNDS,
    floatPicturesPerSecond: perSecond(median(rounds.map(({ float }) => float))),
    picturesPerSecond: perSecond(median(rounds.map(({ variant }) => variant))),
    ratio: median(rounds.map(({ float, variant }) => float / variant)),
  };
}

const NONE = new Uint8Array();

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
