import type {
  Classification,
  Lane,
  ObjectRef,
  RootName,
  Sha256,
  UnscannableReason,
} from "@sluice/contracts";
import type { Views } from "./views.ts";

/** Why there are no pixels, as data: the outcome of one image, never a failed batch. */
export interface NotScanned {
  readonly kind: "unscannable";
  readonly reason: UnscannableReason;
  /** For people. */
  readonly detail: string;
}

/** The bytes of one object version, or why there are none. */
export type ReadResult =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly sha256: Sha256 }
  | { readonly kind: "gone"; readonly reason: "missing" | "changed" }
  | NotScanned;

/** Port: reads objects. What concerns one object is a result; it rejects only for a bug. */
export interface ObjectReader {
  read(root: RootName, object: ObjectRef): Promise<ReadResult>;
}

/** Pixels that one or several members take: uint8, HWC, RGB, `height * width * 3` bytes for each view. */
export interface PixelSpec {
  /** `shortest-edge`: the shorter side becomes `resize`, then the middle is cut; `stretch`: both sides become the target. */
  readonly fit: "shortest-edge" | "stretch";
  readonly resize: number;
  readonly height: number;
  readonly width: number;
  readonly interpolation: "bilinear" | "bicubic";
  /** Left out: the middle alone. */
  readonly views?: Views;
}

/** Some frames of an animation. */
export interface FrameSample {
  /** Frames that the picture has. */
  readonly of: number;
  /** From 0, ascending. */
  readonly numbers: readonly number[];
}

export interface DecodedImage {
  readonly kind: "decoded";
  readonly format: string;
  /** Pixels of the picture itself, after orientation. */
  readonly width: number;
  readonly height: number;
  /** Only the tolerant decoder could read it. */
  readonly isDamaged: boolean;
  /** Per frame, per spec: the pixels of its views one behind the other, in the order of the specs. */
  readonly frames: readonly (readonly Uint8Array[])[];
  /** Which frames of how many these are; left out: all that the picture has. */
  readonly sampled?: FrameSample;
}

/**
 * Port: turns bytes into the pixels of every spec. What concerns one image is a result; it rejects for a bug, or when it is stuck
 * in an image and does not come back: then the engine must end, and that image is the suspect.
 */
export interface ImageDecoder {
  decode(bytes: Buffer): Promise<DecodedImage | NotScanned>;
}

/** Port: the device that runs the members of a stage over a batch. Rejects only when the device itself is lost. */
export interface Device {
  /**
   * @param rows views of frames in the batch, from 1
   * @param buffer which of the batch buffers holds their pixels; stage s has buffers 2s and 2s + 1, and its members run
   * @returns per member of the stage the probabilities, `rows * classes` numbers; then, where the stage has the member for embeddings, those,
   * `rows * dimensions` numbers
   */
  run(rows: number, buffer: number): Promise<readonly Float32Array[]>;
}

/** One object on its way through the engine. */
export interface EngineItem {
  readonly id: number;
  readonly lane: Lane;
  readonly root: RootName;
  readonly object: ObjectRef;
}

export interface EngineOutcome {
  readonly id: number;
  readonly classification: Classification;
}

/** Port: time that only goes forward, in milliseconds. */
export type Clock = () => number;
