import { DEFAULT_VARIANT_LIMITS } from "@sluice/config";
import { describeProcessor } from "@sluice/inference-onnx";
import {
  examineVariants,
  VARIANTS,
  type DirectoryReport,
  type ExaminedVariants,
} from "@sluice/models";

/**
 * Which variants of a model directory `precision: auto` would consider on this machine under the default limits; null where
 * there are none, or no float model to hold them against.
 */
export async function examineDirectory(
  report: Pick<DirectoryReport, "folder" | "network" | "variants">,
): Promise<ExaminedVariants | null> {
  if (report.network === null || report.variants.length === 0) return null;
  const { hasExactByteProducts } = await describeProcessor();
  const criteria = { limits: DEFAULT_VARIANT_LIMITS, hasExactByteProducts };
  const { passed, refused } = await examineVariants(report.folder, VARIANTS, criteria);
  return { passed, refused: refused.filter(({ reason }) => reason !== "absent") };
}
