import type { Classification, Embedding, LabelScore, Lane, Sha256 } from "@sluice/contracts";
import { mayLeave } from "./cascade/may-leave.ts";
import type { StagePlan } from "./cascade/plan-stages.ts";
import type { Ensemble } from "./ensemble.ts";
import { fuseFrames } from "./fusion/fuse-frames.ts";
import { strongestScores } from "./fusion/fuse-rows.ts";
import type { DecodedImage } from "./ports.ts";
import { toEmbedding } from "./half-embedding.ts";
import { countViews, type Views } from "./views.ts";

/** An image between its decoding and its last batch. */
export class ImageInFlight {
  readonly id: number;
  readonly lane: Lane;
  readonly image: DecodedImage;
  readonly #sha256: Sha256;
  readonly #sizeBytes: number;
  readonly #views: number;
  /** Per row, per member, stage by stage; filled as batches return. */
  readonly #scores: (readonly Float32Array[])[] = [];
  /** Of the stage that it is in. */
  #rowsMissing: number;
  /** Sum over the rows that have come. */
  #embedding = new Float64Array();

  constructor(parts: {
    readonly id: number;
    readonly lane: Lane;
    readonly image: DecodedImage;
    readonly sha256: Sha256;
    readonly sizeBytes: number;
    readonly views: Views;
  }) {
    this.id = parts.id;
    this.lane = parts.lane;
    this.image = parts.image;
    this.#sha256 = parts.sha256;
    this.#sizeBytes = parts.sizeBytes;
    this.#views = countViews(parts.views);
    this.#rowsMissing = this.rows;
  }

  /** Of batches that it takes: one for each view of each frame, all views of the first frame first. */
  get rows(): number {
    return this.image.frames.length * this.#views;
  }

  /** @returns per spec */
  pixelsOf(row: number): readonly Uint8Array[] {
    const view = row % this.#views;
    return (this.image.frames[Math.floor(row / this.#views)] ?? []).map((pixels) => {
      const size = pixels.length / this.#views;
      return pixels.subarray(view * size, (view + 1) * size);
    });
  }

  /**
   * A row's scores have come, those of the members of one stage.
   *
   * @returns whether it was the last one missing
   */
  addScores(row: number, members: readonly Float32Array[], embedding?: Float32Array): boolean {
    if (embedding !== undefined) this.#addEmbedding(embedding);
    this.#scores[row] = [...(this.#scores[row] ?? []), ...members];
    this.#rowsMissing -= 1;
    return this.#rowsMissing === 0;
  }

  #addEmbedding(numbers: Float32Array): void {
    if (this.#embedding.length === 0) this.#embedding = new Float64Array(numbers.length);
    for (const [i, number] of numbers.entries()) {
      this.#embedding[i] = (this.#embedding[i] ?? 0) + number;
    }
  }

  /** The mean over views and frames; undefined where none is asked for, null where it cannot be told. */
  #concludeEmbedding({ members, embeddings }: Ensemble): Embedding | null | undefined {
    const member = embeddings === undefined ? undefined : members[embeddings];
    if (member === undefined) return undefined;
    return toEmbedding(
      member,
      this.#embedding.map((sum) => sum / this.rows),
    );
  }

  /** By their numbers in the picture, also where a single one was looked at. */
  #nameFrames(scores: LabelScore[]): LabelScore[] {
    const numbers = this.image.sampled?.numbers;
    if (numbers === undefined) return scores;
    return scores.map((score) => ({ ...score, frame: numbers[score.frame ?? 0] ?? 0 }));
  }

  /** Per row, per member that has run, in the ensemble's order. */
  scoresAfter({ places }: StagePlan): readonly (readonly Float32Array[])[] {
    return this.#scores.map((row) => places.map((place) => row[place] ?? new Float32Array()));
  }

  /**
   * All rows have come from a stage: is it the last one for this image?
   *
   * @returns null when the image goes on to the next stage. What a broken model says is never sure: it ends here, as a failure.
   */
  conclude(plan: StagePlan): Classification | null {
    const { pool: ensemble, told } = plan;
    const fused = fuseFrames(ensemble, this.scoresAfter(plan));
    if (fused === null) {
      const detail = "a member gave numbers that are no probabilities (NaN or out of range)";
      return { kind: "unscannable", reason: "model-failure", detail, sha256: this.#sha256 };
    }
    if (!plan.isLast && !(plan.exit !== null && mayLeave(plan.exit, ensemble, fused))) {
      this.#rowsMissing = this.rows;
      return null;
    }
    const embedding = this.#concludeEmbedding(ensemble);
    if (embedding === null) {
      const detail = "a member gave embeddings that are not finite in float16";
      return { kind: "unscannable", reason: "model-failure", detail, sha256: this.#sha256 };
    }
    const { format, width, height, frames, sampled, isDamaged } = this.image;
    const scores = strongestScores(ensemble, fused);
    const members = scores.members.map((member) => ({
      ...member,
      scores: this.#nameFrames(member.scores),
    }));
    return {
      kind: "classified",
      sha256: this.#sha256,
      sizeBytes: this.#sizeBytes,
      format,
      width,
      height,
      frames: sampled?.of ?? frames.length,
      ...(sampled !== undefined && { framesSeen: frames.length }),
      isDamaged,
      scores: this.#nameFrames(scores.fused),
      members,
      ...(told !== null && { cascade: told }),
      ...(embedding !== undefined && { embedding }),
    };
  }
}
