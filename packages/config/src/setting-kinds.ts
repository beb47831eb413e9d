import { z } from "zod";

export function wholeNumber(least: number, most: number, unit = ""): z.ZodNumber {
  const error = `expected a whole number${unit} from ${least} to ${most}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

export function milliseconds(least: number, most: number): z.ZodNumber {
  return wholeNumber(least, most, " of milliseconds");
}

/** 0: a free one. */
export const port = wholeNumber(0, 65_535);

/** A path; relative ones begin at the file's folder. */
export const path = z.string({ error: "expected a path" }).min(1, { error: "expected a path" });
