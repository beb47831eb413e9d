export type Decision = "allow" | "review" | "quarantine" | "gone";

export interface LabelScore {
  readonly label: string;
  readonly classId: number;
  /** From 0 to 1. */
  readonly score: number;
  /** Frame of an animation that scored highest, from 0. */
  readonly frame?: number;
}

export interface Answer {
  readonly decision: Decision;
  /** What decided. */
  readonly rule: {
    readonly kind: string;
    readonly label?: string;
    readonly score?: number;
    readonly threshold?: number;
  };
  /** Why it was not scanned; null where it was. */
  readonly unscannable: string | null;
  /** Highest first. */
  readonly scores: readonly LabelScore[];
  readonly ensembleDigest: string;
  /** Unix times in milliseconds. */
  readonly classifiedAtMs: number;
  readonly decidedAtMs: number;
}

export interface UploadResult {
  readonly id: string;
  readonly status: "decided" | "pending";
  readonly statusUrl: string;
  readonly filename?: string | null;
  readonly sha256?: string;
  readonly sizeBytes?: number;
  /** Null while pending. */
  readonly answer: Answer | null;
  readonly timings?: { readonly receivedMs: number; readonly answeredMs: number | null };
}

/** One of several: its result, or why it was not taken. */
export type Report =
  | UploadResult
  | {
      readonly filename: string | null;
      readonly problem: { readonly status: number; readonly code: string; readonly detail: string };
    };
