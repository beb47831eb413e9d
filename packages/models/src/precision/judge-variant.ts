import type { Sha256 } from "@sluice/contracts";
import type { StoredReport } from "./stored-report.ts";
import type { VariantLimits } from "./variant-limits.ts";
import { VARIANT_FILES, type Variant } from "./variant.ts";

/** Why a variant is not taken. */
export const REFUSAL_REASONS = [
  "absent",
  "no-report",
  "report-invalid",
  "file-changed",
  "float-changed",
  "too-few-pictures",
  "disagrees",
  "inexact-here",
  "does-not-run",
  "mixed-devices",
] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

export interface RefusedVariant {
  readonly variant: Variant;
  readonly reason: RefusalReason;
  /** For people: what was found, and what helps. */
  readonly detail: string;
}

export interface VariantEvidence {
  readonly variant: Variant;
  readonly report: StoredReport;
  /** Of the variant's file as it lies there. */
  readonly sha256: Sha256;
  /** Of the float model's file as it lies there. */
  readonly floatSha256: Sha256;
}

export interface VariantCriteria {
  readonly limits: Omit<VariantLimits, "minSpeedup">;
  /**
   * Whether sums of products of bytes are exact on this processor (VNNI, dot product instructions). Without them 8-bit weights
   * saturate, and the report of a machine that has them says nothing.
   */
  readonly hasExactByteProducts: boolean;
}

/** What speaks against a variant; null when its report is about these files and passes. */
export function judgeVariant(
  { variant, report, sha256, floatSha256 }: VariantEvidence,
  { limits, hasExactByteProducts }: VariantCriteria,
): RefusedVariant | null {
  const refuse = (reason: RefusalReason, detail: string): RefusedVariant => {
    return { variant, reason, detail };
  };
  const { onnx, report: reportFile } = VARIANT_FILES[variant];
  if (report.sha256 !== sha256) {
    const detail = `${onnx} (sha256 ${short(sha256)}) is not the file that ${reportFile} is about (${short(report.sha256)}); ${REMAKE}`;
    return refuse("file-changed", detail);
  }
  if (report.float.sha256 !== floatSha256) {
    const detail = `onnx/model.onnx (sha256 ${short(floatSha256)}) is not the network that ${onnx} was compared with (${short(report.float.sha256)}); ${REMAKE}`;
    return refuse("float-changed", detail);
  }
  const disagreement = findDisagreement(report, limits);
  if (disagreement !== null) return refuse(disagreement.reason, disagreement.detail);
  if (report.calibration?.weightBits === 8 && !hasExactByteProducts) {
    return refuse(
      "inexact-here",
      "its weights have 8 bits, which this processor, without VNNI or dot product instructions, adds up wrongly; make it again with --weight-bits 7",
    );
  }
  return null;
}

const REMAKE = "make the variant again";

function findDisagreement(
  { agreement }: StoredReport,
  limits: VariantCriteria["limits"],
): { readonly reason: RefusalReason; readonly detail: string } | null {
  const { pictures, top1Agreement, decisionsChanged } = agreement;
  if (pictures < limits.minPictures) {
    return {
      reason: "too-few-pictures",
      detail: `its report rests on ${pictures} held-out pictures, expected ${limits.minPictures} or more (minPictures)`,
    };
  }
  if (top1Agreement < limits.minTop1Agreement) {
    return {
      reason: "disagrees",
      detail: `${percent(top1Agreement)} of ${pictures} held-out pictures have the same top-1, expected ${percent(limits.minTop1Agreement)} or more (minTop1Agreement)`,
    };
  }
  const changed = decisionsChanged / pictures;
  if (changed <= limits.maxDecisionsChanged) return null;
  return {
    reason: "disagrees",
    detail: `${percent(changed)} of ${pictures} held-out pictures are decided otherwise, expected ${percent(limits.maxDecisionsChanged)} or fewer (maxDecisionsChanged)`,
  };
}

/** Rounded down: 98.96 % must not read as the 99 % that were asked for. */
export function percent(share: number): string {
  return `${Math.floor(1000 * share + 1e-9) / 10} %`;
}

function short(digest: Sha256): string {
  return `${digest.slice(0, 12)}…`;
}
