import type { PixelSpec } from "@sluice/inference";
import sharp, { type Sharp } from "sharp";
import type { Deadline } from "./deadline.ts";
import type { FrameWindow } from "./frame-windows.ts";
import type { FrameShape } from "./image-header.ts";
import { planSharedStep } from "./plan-shared-step.ts";
import type { PictureSize } from "./plan-shrinks.ts";
import { renderSpec } from "./render-spec.ts";
import { openPixels, readPixels, type DecodedPixels } from "./rgb-pixels.ts";
import { shrinkOnLoad } from "./shrink-in-steps.ts";

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
 * decoder resizes while it reads; with several the frame is decoded once and each spec derived from the same pixels, which
 * are those of the largest spec's first step where libjpeg can begin it.
 */
export async function renderFrame(
  source: FrameSource,
  { page, shape, specs }: { page: number; shape: FrameShape; specs: readonly PixelSpec[] },
): Promise<Uint8Array[]> {
  const { hasAlpha, profile } = shape;
  const image = open(source, { page, pages: 1 }, { ignoreIcc: profile !== null }).autoOrient();
  const { isJpegFile } = source;
  const facts = { size: shape, pixels: shape, isJpegFile, hasAlpha, profile };
  const [only, ...others] = specs;
  if (only === undefined) return [];
  if (others.length === 0) return [await renderSpec(image, only, facts)];
  const step = isJpegFile ? planSharedStep(shape, specs) : null;
  if (step === null) return await deriveAll(await readPixels(image), specs, { profile });
  const pixels = await shrinkOnLoad(image, step, only.interpolation);
  return await deriveAll({ ...pixels, channels: 3 }, specs, { profile, size: shape });
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
    frames.push(await deriveAll({ data: frame, width, height: frameHeight, channels }, specs));
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

/**
 * One picture as the pixels of every spec.
 *
 * @param facts its profile, if it is not in sRGB, and its size, if the pixels have been shrunk
 */
export async function deriveAll(
  pixels: DecodedPixels,
  specs: readonly PixelSpec[],
  facts: { readonly profile?: Uint8Array | null; readonly size?: PictureSize } = {},
): Promise<Uint8Array[]> {
  const { profile = null, size = pixels } = facts;
  const hasAlpha = pixels.channels === 4;
  return await Promise.all(
    specs.map(
      async (spec) =>
        await renderSpec(openPixels(pixels), spec, {
          size,
          pixels,
          isJpegFile: false,
          hasAlpha,
          profile,
        }),
    ),
  );
}
