import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { finding, type Finding } from "./finding.ts";

/**
 * Variants of other precisions that nobody compared with the float model: one that was made here has a report of its name beside it.
 */
export async function findUnreportedVariants(
  folder: string,
  variants: readonly string[],
): Promise<Finding[]> {
  if (variants.length === 0) return [];
  const names = new Set(await readdir(join(folder, "onnx")));
  return variants
    .filter((variant) => !names.has(variant.replace(/\.onnx$/u, ".report.json")))
    .map((variant) =>
      finding(
        "variant-without-report",
        `onnx/${variant} has no report of how far it agrees with onnx/model.onnx`,
        "make it with `sluice models build … --fp16` or `--int8`, which compares them, or leave it out",
      ),
    );
}
