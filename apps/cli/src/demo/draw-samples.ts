import { makeUploads, type MadeUpload } from "./deliver-samples.ts";
import { ORDINARY_AT_ONCE, ORDINARY_ONE_BY_ONE, SPECIAL_UPLOADS } from "./sample-uploads.ts";

/** All uploads of the demo, by how they are delivered. */
export interface Samples {
  readonly beforeStart: readonly MadeUpload[];
  /** Special ones, then a few ordinary ones. */
  readonly oneByOne: readonly MadeUpload[];
  readonly atOnce: readonly MadeUpload[];
  /** All of them. */
  readonly count: number;
}

export async function drawSamples(): Promise<Samples> {
  const [special, single, atOnce] = await Promise.all([
    makeUploads(SPECIAL_UPLOADS),
    makeUploads(ORDINARY_ONE_BY_ONE),
    makeUploads(ORDINARY_AT_ONCE),
  ]);
  const isEarly = ({ upload }: MadeUpload): boolean => upload.arrival === "before-start";
  return {
    beforeStart: special.filter(isEarly),
    oneByOne: [...special.filter((made) => !isEarly(made)), ...single],
    atOnce,
    count: special.length + single.length + atOnce.length,
  };
}
