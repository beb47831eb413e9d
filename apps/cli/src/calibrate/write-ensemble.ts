import { writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import type { EnsembleConfig } from "@sluice/config";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

/**
 * Writes an ensemble file. JSON is YAML, and nothing has to be quoted by hand. Model folders are told relative to the file, so that both can
 * move.
 *
 * @param remark one line that says where it came from
 * @throws CliError OUTPUT_UNWRITABLE
 */
export async function writeEnsemble(
  file: string,
  { cascade, ...ensemble }: EnsembleConfig,
  remark: string,
): Promise<void> {
  const members = ensemble.members.map(({ model, set, ...rest }) => ({
    model: relative(dirname(file), model) || ".",
    ...rest,
    ...(set !== null && { set }),
  }));
  const content = { ...ensemble, members, ...(cascade !== null && { cascade }) };
  try {
    await writeFile(file, `# ${remark}\n${JSON.stringify(content, null, 2)}\n`, { flush: true });
  } catch (error) {
    throw new CliError("OUTPUT_UNWRITABLE", `${file} cannot be written (${String(error)})`, {
      exitCode: EXIT_CODE.configuration,
      cause: error,
    });
  }
}
