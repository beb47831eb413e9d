import { makeUploads, type MadeUpload } from "./deliver-samples.ts";
import { ORDINARY_AT_ONCE, ORDINARY_ONE_BY_ONE, SPECIAL_UPLOADS } from "./sample-uploads.ts";

/** All uploads of the demo, by how they are delivered. */
export interface Samples {
  readonly beforeStart: readonly MadeUpload[];
  /** All special ones but those. */
  readonly special: readonly MadeUpload[];
  /** Ordinary ones, with a pause between them. */
  readonly oneByOne: readonly MadeUpload[];
  /** Ordinary ones, all together. */
  readonly atOnce: readonly MadeUpload[];
  /** All of them. */
  readonly count: number;
}

export async function drawSamples(): Promise<Samples> {
  const [special, oneByOne, atOnce] = await Promise.all([
    makeUploads(SPECIAL_UPLOADS),
    makeUploads(ORDINARY_ONE_BY_ONE),
    makeUploads(ORDINARY_AT_ONCE),
  ]);
  const isEarly = ({ upload }: MadeUpload): boolean => upload.arrival === "before-start";
  return {
    beforeStart: special.filter(isEarly),
    special: special.filter((made) => !isEarly(made)),
    oneByOne,
    atOnce,
    count: special.length + oneByOne.length + atOnce.length,
  };
}
