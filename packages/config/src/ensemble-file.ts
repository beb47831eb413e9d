import { basename, dirname, resolve } from "node:path";
import { ensembleNameSchema, type EnsembleName } from "@sluice/contracts";
import { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { ensembleSchema } from "./config-file.ts";
import { checkWeights } from "./cross-checks.ts";
import { describeIssues } from "./describe-issues.ts";
import { absent, readYamlFile } from "./read-config-file.ts";
import { resolveEnsemble } from "./resolve-config.ts";
import type { EnsembleConfig } from "./sluice-config.ts";

/** An `ensemble.yaml` holds what stands below `ensembles.<name>` in `sluice.yaml`; wrapped so, problems get the same names. */
const wrappedSchema = z.strictObject({ ensembles: z.record(ensembleNameSchema, ensembleSchema) });

/**
 * Reads one ensemble from a file of its own; model directories are relative to it. Its name is the file's without ending.
 *
 * @throws ConfigError with every problem
 */
export async function readEnsembleFile(
  file: string,
  cwd: string,
): Promise<[EnsembleName, EnsembleConfig]> {
  const path = resolve(cwd, file);
  const missing = `${path}: no such file; expected an ensemble of members and fusion`;
  const content = (await readYamlFile(path, path)) ?? absent(path, missing);
  if (content.problems.length > 0) throw new ConfigError(path, content.problems);
  const name = nameOf(path);
  const wrapped = { ensembles: { [name]: content.raw } };
  const parsed = wrappedSchema.safeParse(wrapped);
  if (!parsed.success) throw new ConfigError(path, describeIssues(parsed.error, wrapped));
  const found = parsed.data.ensembles[name];
  if (found === undefined) throw new ConfigError(path, ["expected members"]);
  const ensemble = resolveEnsemble(found, dirname(path));
  const contradictions = checkWeights({ ensembles: new Map([[name, ensemble]]) });
  if (contradictions.length > 0) throw new ConfigError(path, contradictions);
  return [name, ensemble];
}

function nameOf(path: string): EnsembleName {
  const stem = basename(path).replace(/\.[^.]*$/u, "");
  const parsed = ensembleNameSchema.safeParse(stem);
  return parsed.success ? parsed.data : ensembleNameSchema.parse("ensemble");
}
