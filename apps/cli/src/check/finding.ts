/**
 * error: the model does not run, or its answers are wrong. warning: it runs, and something is likely not what was meant. note:
 * harmless here, worth knowing.
 */
export type Severity = "error" | "warning" | "note";

/** Everything that `sluice models check` can find; docs/models.md explains each. */
export const FINDINGS = {
  "batch-disagrees": "error",
  "channel-order": "error",
  "channels-last": "error",
  "does-not-load": "error",
  "external-data": "error",
  "external-data-missing": "error",
  "external-data-outside": "error",
  "fixed-batch": "error",
  "fixed-batch-declared": "warning",
  "image-size-differs": "warning",
  "input-size": "error",
  "input-type": "error",
  "labels-count": "error",
  "labels-duplicate": "note",
  "labels-generic": "warning",
  "labels-missing": "error",
  "opset-too-new": "error",
  "output-constant": "error",
  "output-not-finite": "error",
  "output-not-logits": "error",
  "picture-unreadable": "error",
  "pixel-range": "error",
  "pixels-unscaled": "warning",
  "resample-unsupported": "error",
  "softmax-in-model": "note",
  "softmax-twice": "error",
  "variant-without-report": "warning",
} as const satisfies Readonly<Record<string, Severity>>;

export type FindingCode = keyof typeof FINDINGS;

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** What is wrong, with the values that were found. */
  readonly what: string;
  /** What to do. */
  readonly fix: string;
}

export function finding(code: FindingCode, what: string, fix: string): Finding {
  return { code, severity: FINDINGS[code], what, fix };
}
