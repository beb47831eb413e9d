import { basename } from "node:path";
import type { EnsembleSettings } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

/**
 * The ensemble with the embeddings of the member that it names, or of its only one; without them where they are not asked for.
 *
 * @throws CliError USAGE when several members could be meant
 */
export function withEmbeddings(ensemble: EnsembleSettings, isAsked: boolean): EnsembleSettings {
  if (!isAsked) return { ...ensemble, embeddings: "none" };
  if (ensemble.embeddings !== "none") return ensemble;
  const names = ensemble.members.map(({ model }) => basename(model));
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return { ...ensemble, embeddings: only };
  throw new CliError(
    "USAGE",
    `--embeddings: there are several members (${names.join(", ")}); name one of them in the ensemble file's embeddings`,
    { exitCode: EXIT_CODE.usage },
  );
}
