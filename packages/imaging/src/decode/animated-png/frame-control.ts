import { HiddenFramesError } from "./hidden-frames-error.ts";

/** Where a frame lies on the canvas and what it does to it: an `fcTL` chunk; PNG specification (third edition), 11.3.6.2. */
export interface FrameControl {
  readonly sequence: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** What becomes of its place once it has been shown. */
  readonly disposal: (typeof DISPOSALS)[number];
  /** Whether it replaces what lies below it, or is laid over it. */
  readonly blend: (typeof BLENDS)[number];
}

const DISPOSALS = ["keep", "clear", "restore"] as const;
const BLENDS = ["replace", "over"] as const;

const CONTROL_BYTES = 26;

/** @throws HiddenFramesError when it is malformed or does not lie on the canvas */
export function parseFrameControl(
  data: Buffer,
  canvas: { readonly width: number; readonly height: number },
): FrameControl {
  if (data.length !== CONTROL_BYTES) {
    throw new HiddenFramesError(`a frame's control chunk has ${data.length} bytes`);
  }
  const [width, height] = [data.readUInt32BE(4), data.readUInt32BE(8)];
  const [left, top] = [data.readUInt32BE(12), data.readUInt32BE(16)];
  const isInside = left + width <= canvas.width && top + height <= canvas.height;
  if (width === 0 || height === 0 || !isInside) {
    const place = `${width} × ${height} at ${left}, ${top}`;
    throw new HiddenFramesError(`a frame of ${place} on ${canvas.width} × ${canvas.height}`);
  }
  const disposal = DISPOSALS[data.readUInt8(24)];
  const blend = BLENDS[data.readUInt8(25)];
  if (disposal === undefined || blend === undefined) {
    throw new HiddenFramesError("a frame is disposed of or blended in an unknown way");
  }
  return { sequence: data.readUInt32BE(0), left, top, width, height, disposal, blend };
}
