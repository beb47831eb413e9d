import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Sha256 } from "@sluice/contracts";
import type { Preprocessing } from "../directory/preprocessor-config.ts";
import { readModelDirectory } from "../directory/read-directory.ts";
import { ModelError } from "../model-error.ts";
import { inspectOnnx, type OnnxReport } from "./inspect-onnx.ts";

export interface DirectoryReport {
  readonly folder: string;
  /** Null when the directory cannot be used as it is; `problems` say why. */
  readonly card: {
    readonly digest: Sha256;
    readonly labels: readonly string[];
    readonly preprocessing: Preprocessing;
  } | null;
  /** `onnx/model.onnx`; null when it cannot be read. */
  readonly network: OnnxReport | null;
  /** File names beside it in `onnx/`: variants of other precisions. */
  readonly variants: readonly string[];
  /** A sentence each; empty when the directory can be read. */
  readonly problems: readonly string[];
}

/** What a model directory holds, and what is wrong with it. @throws ModelError when there is no such folder */
export async function inspectDirectory(folder: string): Promise<DirectoryReport> {
  await requireFolder(folder);
  const problems: string[] = [];
  const note = <T>(read: Promise<T>): Promise<T | null> =>
    read.catch((error: unknown) => {
      if (!(error instanceof ModelError)) throw error;
      problems.push(error.message);
      return null;
    });
  const network = await note(inspectOnnx(join(folder, "onnx", "model.onnx")));
  const model = await note(readModelDirectory(folder));
  return {
    folder,
    card: model && {
      digest: model.digest,
      labels: model.labels,
      preprocessing: model.preprocessing,
    },
    network,
    variants: await listVariants(folder),
    problems: [...new Set(problems)],
  };
}

async function requireFolder(folder: string): Promise<void> {
  try {
    await readdir(folder);
  } catch (error) {
    throw new ModelError(
      folder,
      `cannot be listed (${String(error)}); expected a model directory`,
      {
        cause: error,
      },
    );
  }
}

async function listVariants(folder: string): Promise<string[]> {
  // Absent: the network's own problem says so.
  const names = await readdir(join(folder, "onnx")).catch(() => []);
  return names.filter((name) => /^model_.+\.onnx$/u.test(name)).toSorted();
}
