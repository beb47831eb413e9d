import type { PixelSpec } from "@sluice/inference";
import sharp, { type Sharp } from "sharp";
import type { Deadline } from "./deadline.ts";
import type { FrameWindow } from "./frame-windows.ts";
import { planGeometry } from "./geometry.ts";
import type { FrameSize } from "./image-header.ts";

export interface FrameSource {
  readonly bytes: Buffer;
  /** warning: strict; none: whatever a viewer would still show. */
  readonly failOn: "warning" | "none";
  readonly maxPixels: number;
  readonly deadline: Deadline;
}

/**
 * One frame as the pixels of every spec: oriented, in sRGB, transparency on white, uint8 RGB. With one spec the
 * decoder resizes while it reads; with several the frame is decoded once and each spec derived from the same pixels.
 *
 * @param size of the frame after orientation
 */
export async function renderFrame(
  source: FrameSource,
  { page, size, specs }: { page: number; size: FrameSize; specs: readonly PixelSpec[] },
): Promise<Uint8Array[]> {
  const image = open(source, { page, pages: 1 }).autoOrient();
  const [only, ...others] = specs;
  if (only !== undefined && others.length === 0)
    return [await derive(normalise(image), only, size)];
  const { data, info } = await normalise(image).raw().toBuffer({ resolveWithObject: true });
  return await deriveAll(requireRgb(data, info), specs);
}

/** Neighbouring frames of an animation, decoded in one go, each as the pixels of every spec. */
export async function renderWindow(
  source: FrameSource,
  { window, specs }: { window: FrameWindow; specs: readonly PixelSpec[] },
): Promise<Uint8Array[][]> {
  const image = normalise(open(source, window)).raw();
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  const { width, height } = requireRgb(data, info);
  const frameHeight = height / window.pages;
  const frameBytes = width * frameHeight * 3;
  const frames: Uint8Array[][] = [];
  for (let i = 0; i < window.pages; i++) {
    source.deadline.secondsLeft();
    const frame = data.subarray(i * frameBytes, (i + 1) * frameBytes);
    frames.push(await deriveAll({ data: frame, width, height: frameHeight }, specs));
  }
  return frames;
}

function open({ bytes, failOn, maxPixels, deadline }: FrameSource, window: FrameWindow): Sharp {
  return sharp(bytes, {
    ...window,
    failOn,
    limitInputPixels: maxPixels,
    sequentialRead: true,
  }).timeout({ seconds: deadline.secondsLeft() });
}

function normalise(image: Sharp): Sharp {
  return image.flatten({ background: "#ffffff" }).toColourspace("srgb").removeAlpha();
}

/** Decoded pixels: uint8, HWC, RGB; length `width * height * 3`. */
interface RawPixels {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Everything that follows counts on three bytes per pixel. @throws RangeError when the decoder gave another layout */
function requireRgb(data: Buffer, { width, height }: { width: number; height: number }): RawPixels {
  if (data.length === width * height * 3) return { data, width, height };
  throw new RangeError(`expected ${width * height * 3} bytes of RGB, received ${data.length}`);
}

async function deriveAll(
  { data, width, height }: RawPixels,
  specs: readonly PixelSpec[],
): Promise<Uint8Array[]> {
  const raw = { raw: { width, height, channels: 3 as const } };
  return await Promise.all(
    specs.map(async (spec) => await derive(sharp(data, raw), spec, { width, height })),
  );
}

/**
 * sharp's `linear` and `cubic` kernels agree with PIL's bilinear and bicubic (mean error at most 0.24 of 255); its
 * default does not. `fastShrinkOnLoad` is off because it trades that agreement for 7 % of time.
 */
async function derive(image: Sharp, spec: PixelSpec, size: FrameSize): Promise<Uint8Array> {
  const { resizeWidth, resizeHeight, left, top } = planGeometry(spec, size);
  const kernel = spec.interpolation === "bicubic" ? "cubic" : "linear";
  return await image
    .resize(resizeWidth, resizeHeight, { fit: "fill", kernel, fastShrinkOnLoad: false })
    .extract({ left, top, width: spec.width, height: spec.height })
    .raw({ depth: "uchar" })
    .toBuffer();
}
