import sharp, { type Metadata } from "sharp";
import { countFrames, type AnimatedPng } from "./animated-png/read-animated-png.ts";
import type { SniffedFormat } from "./sniff-format.ts";

/** What a picture's header says, before anything is decoded. */
export interface ImageHeader {
  /** Decoder's name of the format. */
  readonly format: string;
  /** Of the first frame, after orientation. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Progressive JPEG or interlaced PNG: all pixels are in memory at once. */
  readonly isProgressive: boolean;
  /** Of every frame, after orientation; the frames of TIFF and AVIF may differ, those of GIF and WebP share one canvas. */
  readonly frameShapes: readonly FrameShape[];
}

export interface FrameShape {
  readonly width: number;
  readonly height: number;
  readonly hasAlpha: boolean;
  /** ICC profile of RGB, null for none. What is stored otherwise is converted to sRGB while it is read. */
  readonly profile: Uint8Array | null;
}

/** @param maxFrames with more than these only the first frame's shape is read: the picture is refused anyway */
export async function readHeader(
  bytes: Buffer,
  { format, maxFrames }: { format: SniffedFormat; maxFrames: number },
): Promise<ImageHeader> {
  const first = await readMetadata(bytes, 0);
  const frames = first.pages ?? 1;
  const frameShapes = [shapeOf(first)];
  const pagesToRead = frames <= maxFrames ? frames : 1;
  for (let page = 1; page < pagesToRead; page++) {
    frameShapes.push(
      hasOneCanvas(format) ? shapeOf(first) : shapeOf(await readMetadata(bytes, page)),
    );
  }
  return {
    format: first.format === "heif" ? "avif" : first.format,
    width: first.autoOrient.width,
    height: first.autoOrient.height,
    frames,
    isProgressive: first.isProgressive,
    frameShapes,
  };
}

/** The same for an animated PNG, of whose frames the decoder's own header says nothing. */
export function describeAnimation(still: ImageHeader, animation: AnimatedPng): ImageHeader {
  const { width, height, isInterlaced } = animation;
  const frames = countFrames(animation);
  const shape = { width, height, hasAlpha: true, profile: null };
  const frameShapes = Array.from({ length: frames }, () => shape);
  return { ...still, width, height, frames, isProgressive: isInterlaced, frameShapes };
}

/** Formats whose frames are an animation on one canvas. */
export function hasOneCanvas(format: SniffedFormat): boolean {
  return format === "gif" || format === "webp";
}

async function readMetadata(bytes: Buffer, page: number): Promise<Metadata> {
  return await sharp(bytes, { page, failOn: "none", limitInputPixels: false }).metadata();
}

function shapeOf({ autoOrient, hasAlpha, icc, space }: Metadata): FrameShape {
  const profile = space === "srgb" || space === "rgb16" ? (icc ?? null) : null;
  return { width: autoOrient.width, height: autoOrient.height, hasAlpha, profile };
}
