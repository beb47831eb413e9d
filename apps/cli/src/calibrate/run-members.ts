import { basename } from "node:path";
import type { Views } from "@sluice/inference";
import type { Precision } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { runExamples } from "../fit/embed-examples.ts";
import { readExamples, type Example, type SkippedPicture } from "../fit/read-examples.ts";
import { openPictureModel } from "../pictures/picture-model.ts";
import type { MemberOutput } from "./calibrate.ts";

export interface MemberRuns {
  readonly members: readonly MemberOutput[];
  readonly labels: Int32Array;
  /** Of the models, in the order of class ids. */
  readonly names: readonly string[];
  readonly skipped: readonly SkippedPicture[];
}

export interface RunRequest {
  readonly data: string;
  readonly views: Views;
  readonly maxPictures: number;
  readonly context: CommandContext;
}

/** Runs every member over a folder of labelled sub-folders. @throws CliError EXAMPLES_INVALID, ModelError */
export async function runMembers(
  members: readonly { readonly model: string; readonly precision: Precision }[],
  { data, views, maxPictures, context }: RunRequest,
): Promise<MemberRuns> {
  const { signal, terminal } = context;
  const { examples, skipped, labels } = await readExamples(data, { maxPictures, signal });
  const runs: MemberOutput[] = [];
  let names: readonly string[] = [];
  let usable: readonly Example[] = examples;
  const leftOut = [...skipped];
  for (const { model: folder, precision } of members) {
    await using model = await openPictureModel(folder, precision, views);
    names = requireLabels(labels, names, { folder, own: model.directory.labels });
    const run = await runExamples(usable, model, {
      output: "probabilities",
      signal,
      onProgress: (done) =>
        terminal.showProgress(`${basename(folder)}: ${done} of ${usable.length} pictures`),
    });
    if (runs.length === 0) {
      usable = run.examples; // Every member decodes the same files; the first one says which can be.
      leftOut.push(...run.skipped);
    }
    if (run.examples.length !== usable.length) throw changed(folder);
    runs.push({ model: basename(folder), probabilities: run.features });
  }
  terminal.clearProgress();
  const ids = Int32Array.from(usable, ({ label }) => names.indexOf(label));
  return { members: runs, labels: ids, names, skipped: leftOut };
}

function requireLabels(
  folders: readonly string[],
  known: readonly string[],
  { folder, own }: { folder: string; own: readonly string[] },
): readonly string[] {
  if (known.length > 0 && own.join("\n") !== known.join("\n")) {
    throw invalid(
      `${folder} has other labels than the first member; calibrate one label set at a time`,
    );
  }
  const foreign = folders.filter((label) => !own.includes(label));
  if (foreign.length === 0) return own;
  throw invalid(
    `${folder} does not know ${foreign.slice(0, 5).join(", ")}; name each sub-folder as the model names the label`,
  );
}

function changed(folder: string): CliError {
  return invalid(
    `the pictures changed while ${folder} was run; run it again when nothing writes there`,
  );
}

function invalid(message: string): CliError {
  return new CliError("EXAMPLES_INVALID", message, { exitCode: EXIT_CODE.configuration });
}
