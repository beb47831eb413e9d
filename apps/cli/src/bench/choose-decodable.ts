import { readFile } from "node:fs/promises";
import type { WorkerConfig } from "@sluice/config";
import { createImageDecoder, hardenDecoder } from "@sluice/imaging";
import type { LoadedEnsemble } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import type { Input } from "../classify/list-inputs.ts";

/**
 * The files of a user's folder that can be measured. Others are refused by their first bytes or on half of the way, and would
 * make every figure look better than it is. The pass also has all files read once before anything is timed.
 *
 * @throws CliError PICTURES_TOO_FEW when none is left
 */
export async function chooseDecodable(
  inputs: readonly Input[],
  { specs, ensemble: { frames } }: LoadedEnsemble,
  settings: WorkerConfig,
): Promise<readonly Input[]> {
  hardenDecoder();
  const decoder = createImageDecoder({ ...settings, specs, frames });
  const decodable: Input[] = [];
  for (const input of inputs) {
    const { kind } = await decoder.decode(await readFile(input.path));
    if (kind === "decoded") decodable.push(input);
  }
  if (decodable.length > 0) return decodable;
  throw new CliError(
    "PICTURES_TOO_FEW",
    `none of ${inputs.length} files in the folder can be decoded; name a folder of pictures, or leave --pictures out`,
  );
}
