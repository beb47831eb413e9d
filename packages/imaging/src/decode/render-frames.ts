import type { PixelSpec } from "@sluice/inference";
import sharp, { type Sharp } from "sharp";
import type { Deadline } from "./deadline.ts";
import type { FrameWindow } from "./frame-windows.ts";
import type { FrameShape } from "./image-header.ts";
import { renderSpec } from "./render-spec.ts";
import { openPixels, readPixels, type DecodedPixels } from "./rgb-pixels.ts";

export interface FrameSource {
  readonly bytes: Buffer;
  readonly isJpegFile: boolean;
  /** warning: strict; none: whatever a viewer would still show. */
  readonly failOn: "warning" | "none";
  readonly maxPixels: number;
  readonly deadline: Deadline;
}

/**
 * One frame as the pixels of every spec: oriented, in sRGB, transparency on white, uint8 RGB. With one spec the
 * decoder resizes while it reads; with several the frame is decoded once and each spec derived from the same pixels.
 */
export async function renderFrame(
  source: FrameSource,
  { page, shape, specs }: { page: number; shape: FrameShape; specs: readonly PixelSpec[] },
): Promise<Uint8Array[]> {
  const { hasAlpha, profile } = shape;
  const image = open(source, { page, pages: 1 }, { ignoreIcc: profile !== null }).autoOrient();
  const [only, ...others] = specs;
  if (only !== undefined && others.length === 0) {
    const facts = { size: shape, isJpegFile: source.isJpegFile, hasAlpha, profile };
    return [await renderSpec(image, only, facts)];
  }
  return await deriveAll(await readPixels(image), specs, profile);
}

/** Frames of an animation, decoded in one go, each that somebody looks at as the pixels of every spec. */
export async function renderWindow(
  source: FrameSource,
  { window, specs }: { window: FrameWindow; specs: readonly PixelSpec[] },
): Promise<Uint8Array[][]> {
  const { page, pages, numbers } = window;
  const image = open(source, { page, pages }, { ignoreIcc: false });
  const { data, width, height, channels } = await readPixels(image);
  const frameHeight = height / pages;
  const frameBytes = width * frameHeight * channels;
  const frames: Uint8Array[][] = [];
  for (const number of numbers) {
    source.deadline.secondsLeft();
    const at = number - page;
    const frame = data.subarray(at * frameBytes, (at + 1) * frameBytes);
    frames.push(
      await deriveAll({ data: frame, width, height: frameHeight, channels }, specs, null),
    );
  }
  return frames;
}

/** In sRGB, or if `ignoreIcc` in the RGB of its profile. */
export function open(
  { bytes, failOn, maxPixels, deadline }: FrameSource,
  window: Pick<FrameWindow, "page" | "pages">,
  options: { ignoreIcc: boolean },
): Sharp {
  return sharp(bytes, {
    ...window,
    ...options,
    failOn,
    limitInputPixels: maxPixels,
    sequentialRead: true,
  })
    .timeout({ seconds: deadline.secondsLeft() })
    .toColourspace("srgb");
}

/** One picture as the pixels of every spec. */
export async function deriveAll(
  pixels: DecodedPixels,
  specs: readonly PixelSpec[],
  profile: Uint8Array | null,
): Promise<Uint8Array[]> {
  const facts = { size: pixels, isJpegFile: false, hasAlpha: pixels.channels === 4, profile };
  return await Promise.all(
    specs.map(async (spec) => await renderSpec(openPixels(pixels), spec, facts)),
  );
}
