import type { Classification, Sha256 } from "@sluice/contracts";
import type { Ensemble } from "./ensemble.ts";
import { fuseRows } from "./fusion/fuse-rows.ts";
import type { DecodedImage } from "./ports.ts";

/** An image between its decoding and its last batch. */
export class ImageInFlight {
  readonly id: number;
  readonly image: DecodedImage;
  readonly #sha256: Sha256;
  readonly #sizeBytes: number;
  /** Per frame, per member; filled as batches return. */
  readonly #scores: (readonly Float32Array[])[] = [];
  #framesMissing: number;

  constructor(parts: {
    readonly id: number;
    readonly image: DecodedImage;
    readonly sha256: Sha256;
    readonly sizeBytes: number;
  }) {
    this.id = parts.id;
    this.image = parts.image;
    this.#sha256 = parts.sha256;
    this.#sizeBytes = parts.sizeBytes;
    this.#framesMissing = parts.image.frames.length;
  }

  /**
   * A frame's scores have come.
   *
   * @returns whether it was the last one missing
   */
  addScores(frame: number, members: readonly Float32Array[]): boolean {
    this.#scores[frame] = members;
    this.#framesMissing -= 1;
    return this.#framesMissing === 0;
  }

  conclude(ensemble: Ensemble): Classification {
    const fused = fuseRows(ensemble, this.#scores);
    if (fused === null) {
      const detail = "a member gave numbers that are no probabilities (NaN or out of range)";
      return { kind: "unscannable", reason: "model-failure", detail, sha256: this.#sha256 };
    }
    const { format, width, height, frames, isDamaged } = this.image;
    return {
      kind: "classified",
      sha256: this.#sha256,
      sizeBytes: this.#sizeBytes,
      format,
      width,
      height,
      frames: frames.length,
      isDamaged,
      scores: fused.fused,
      members: fused.members,
    };
  }
}
