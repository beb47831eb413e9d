import { FitError } from "./fit-error.ts";
import { shuffledByClass, type Split } from "./split-held-out.ts";

/**
 * Cuts the rows into folds that each hold about the same share of every class, and returns each fold as what is held out
 * with the rest for training. The only sample of a class is never held out, since nothing could be learned of it then.
 *
 * @throws FitError for fewer than two folds
 */
export function stratifiedFolds(
  labels: Int32Array,
  { folds, seed }: { folds: number; seed: number },
): readonly Split[] {
  if (!Number.isInteger(folds) || folds < 2) {
    throw new FitError(`${folds} folds were asked for, expected two or more`);
  }
  const foldOf = new Int32Array(labels.length).fill(-1);
  let dealt = 0;
  for (const rows of shuffledByClass(labels, seed)) {
    if (rows.length < 2) continue;
    // Dealing goes on where the class before ended, so that the folds stay equally large.
    for (const row of rows) foldOf[row] = dealt++ % folds;
  }
  const rows = Int32Array.from(labels.keys());
  return Array.from({ length: folds }, (_, fold) => ({
    training: rows.filter((row) => foldOf[row] !== fold),
    heldOut: rows.filter((row) => foldOf[row] === fold),
  })).filter(({ heldOut }) => heldOut.length > 0);
}
