import { deflateSync } from "node:zlib";
import { encodeChunk, PNG_SIGNATURE } from "../decode/animated-png/png-chunks.ts";

export interface AnimatedPngFrame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** uint8, HWC, RGBA; length `width * height * 4`. */
  readonly pixels: Uint8Array;
  /** As `fcTL` numbers it: 0 keeps what was shown, 1 clears its place, 2 restores what was there. */
  readonly disposal: 0 | 1 | 2;
  /** 0 replaces, 1 is laid over. */
  readonly blend: 0 | 1;
}

export interface AnimatedPngOptions {
  readonly width: number;
  readonly height: number;
  /** The first one is the whole canvas, unless there is a default image beside them. */
  readonly frames: readonly AnimatedPngFrame[];
  /** uint8, HWC, RGBA of the whole canvas: what viewers show that know no animation; left out: the first frame. */
  readonly defaultImage?: Uint8Array;
}

/** An animated PNG of RGBA frames; what the frames say of themselves is not checked, so that tests can lie. */
export function encodeAnimatedPng({
  width,
  height,
  frames,
  defaultImage,
}: AnimatedPngOptions): Buffer {
  const chunks = [
    PNG_SIGNATURE,
    encodeChunk("IHDR", Buffer.from([...bytesOf(width, height), 8, 6, 0, 0, 0])),
    encodeChunk("acTL", Buffer.from(bytesOf(frames.length, 0))),
  ];
  let sequence = 0;
  if (defaultImage !== undefined) chunks.push(encodeChunk("IDAT", compress(defaultImage, width)));
  for (const [i, frame] of frames.entries()) {
    chunks.push(encodeChunk("fcTL", encodeControl(frame, sequence++)));
    const data = compress(frame.pixels, frame.width);
    if (i === 0 && defaultImage === undefined) chunks.push(encodeChunk("IDAT", data));
    else chunks.push(encodeChunk("fdAT", Buffer.concat([Buffer.from(bytesOf(sequence++)), data])));
  }
  return Buffer.concat([...chunks, encodeChunk("IEND", Buffer.alloc(0))]);
}

function encodeControl(frame: AnimatedPngFrame, sequence: number): Buffer {
  const { left, top, width, height, disposal, blend } = frame;
  const delay = [0, 1, 0, 10]; // a tenth of a second
  return Buffer.from([...bytesOf(sequence, width, height, left, top), ...delay, disposal, blend]);
}

/** Rows without a filter. */
function compress(pixels: Uint8Array, width: number): Buffer {
  const rowBytes = width * 4;
  const rows: Uint8Array[] = [];
  for (let at = 0; at < pixels.length; at += rowBytes) {
    rows.push(Uint8Array.of(0), pixels.subarray(at, at + rowBytes));
  }
  return deflateSync(Buffer.concat(rows));
}

/** Big-endian, four bytes each. */
function bytesOf(...numbers: readonly number[]): number[] {
  return numbers.flatMap((number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255));
}
