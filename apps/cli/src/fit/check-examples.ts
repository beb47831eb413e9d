import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import type { PictureModel } from "../pictures/picture-model.ts";
import { escapeControls } from "../terminal/escape-controls.ts";
import type { Example } from "./read-examples.ts";

/** How many conflicts are named before the rest is counted. */
const MOST_NAMED = 10;

/**
 * Refuses the same picture under two labels: one of them is wrong, and only a person can say which. Files that are no
 * pictures may well be the same in all folders.
 *
 * @throws CliError EXAMPLES_INVALID naming the files
 */
export async function refuseConflicts(
  examples: readonly Example[],
  model: Pick<PictureModel, "prepare">,
): Promise<void> {
  const found: string[] = [];
  for (const { path, label, copies } of examples) {
    const other = copies.find((copy) => copy.label !== label);
    if (other === undefined || !((await model.prepare(path)) instanceof Uint8Array)) continue;
    found.push(
      `  ${escapeControls(path)} and ${escapeControls(other.path)} are the same picture under two labels`,
    );
  }
  if (found.length === 0) return;
  const rest = found.length - MOST_NAMED;
  const more = rest > 0 ? [`  and ${rest} more`] : [];
  const lines = [...found.slice(0, MOST_NAMED), ...more].join("\n");
  throw invalid(`the labels contradict each other:\n${lines}\nremove each from one of its folders`);
}

/** A class needs one picture to learn from and one to be judged by. */
const LEAST_PER_LABEL = 2;

/**
 * @param usable labels of the pictures that can be used, each content once
 * @throws CliError EXAMPLES_INVALID when there are not two labels with enough pictures each
 */
export function requireEnough(
  folder: string,
  labels: readonly string[],
  usable: readonly string[],
): void {
  if (labels.length < 2) {
    const found = labels.length === 0 ? "none" : `only ${escapeControls(labels.join(", "))}`;
    throw invalid(
      `${folder}: expected two sub-folders or more, one per label, found ${found}; what is not to be found needs a folder too, of ordinary pictures`,
    );
  }
  const counts = new Map(labels.map((label) => [label, 0]));
  for (const label of usable) counts.set(label, (counts.get(label) ?? 0) + 1);
  const few = [...counts].filter(([, count]) => count < LEAST_PER_LABEL);
  if (few.length === 0) return;
  const list = few.map(([label, count]) => `${escapeControls(label)} has ${count}`).join(", ");
  throw invalid(
    `${folder}: every label needs ${LEAST_PER_LABEL} different pictures that can be decoded, and some dozens to be of use; ${list}`,
  );
}

function invalid(message: string): CliError {
  return new CliError("EXAMPLES_INVALID", message, { exitCode: EXIT_CODE.configuration });
}
