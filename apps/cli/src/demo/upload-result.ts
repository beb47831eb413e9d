import type { DecisionView } from "@sluice/storage";
import type { SampleUpload } from "./sample-upload.ts";

/** Where bytes can be. `vault`: recorded there, and the bytes are there. */
export type Place = "incoming" | "published" | "site" | "vault";

/** An upload that was delivered, with what was sent. */
export interface DeliveredUpload extends SampleUpload {
  readonly sha256: string;
  /** When the file was complete in its place, Unix milliseconds. */
  readonly completedAtMs: number;
  /** As it was then. */
  readonly mode: bigint;
  readonly mtimeNs: bigint;
}

/** What became of an upload. */
export interface UploadResult {
  readonly upload: DeliveredUpload;
  /** Every decision about its path, newest first. */
  readonly decisions: readonly DecisionView[];
  /** Every place where its bytes are. */
  readonly places: readonly Place[];
}
