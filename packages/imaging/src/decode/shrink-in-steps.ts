import type { PixelSpec } from "@sluice/inference";
import type { ResizeOptions, Sharp } from "sharp";
import type { PictureSize } from "./plan-shrinks.ts";
import { putOnWhite } from "./put-on-white.ts";
import { releasePixels } from "./release-pixels.ts";
import { openRgb, readRgb, type RgbPixels } from "./rgb-pixels.ts";

/** What was shrunk, RGB. */
export interface Shrunk {
  readonly image: Sharp;
  /** The pixels that `image` reads, if they are in memory; to be given back when it has run. */
  readonly held: RgbPixels | null;
}

/**
 * Shrinks a picture to one size after the other, and puts it on white after the first one. The last step is left to whoever
 * runs the pipeline, who cuts it.
 *
 * @param onLoad the step that libjpeg may begin while it decodes
 */
export async function shrinkInSteps(
  image: Sharp,
  plan: {
    readonly steps: readonly PictureSize[];
    readonly onLoad: PictureSize | null;
    readonly interpolation: PixelSpec["interpolation"];
    readonly hasAlpha: boolean;
  },
): Promise<Shrunk> {
  const { steps, onLoad, interpolation, hasAlpha } = plan;
  if (hasAlpha && steps.length === 0) return hold(await putOnWhite(image));
  let shrunk: Shrunk = { image, held: null };
  for (const [i, next] of steps.entries()) {
    const isLast = i === steps.length - 1;
    const kernel = (isLast ? KERNELS : FIRST_KERNELS)[interpolation];
    const smaller = shrink(shrunk.image, next, { kernel, fastShrinkOnLoad: next === onLoad });
    const isTransparent = hasAlpha && i === 0;
    if (isLast && !isTransparent) return { ...shrunk, image: smaller };
    const { held } = shrunk;
    shrunk = hold(await (isTransparent ? putOnWhite(smaller) : readRgb(smaller)));
    if (held !== null) releasePixels(held.data);
  }
  return shrunk;
}

function hold(pixels: RgbPixels): Shrunk {
  return { image: openRgb(pixels), held: pixels };
}

/** libvips' names of Pillow's filters. */
const KERNELS = { bilinear: "linear", bicubic: "cubic" } as const;

/** For the steps before: what comes nearest to the filter's own result at a third of the size. */
const FIRST_KERNELS = { bilinear: "mitchell", bicubic: "cubic" } as const;

/** The first step from a JPEG file, begun by libjpeg, for whatever steps follow. */
export async function shrinkOnLoad(
  image: Sharp,
  onLoad: PictureSize,
  interpolation: PixelSpec["interpolation"],
): Promise<RgbPixels> {
  const kernel = FIRST_KERNELS[interpolation];
  return await readRgb(shrink(image, onLoad, { kernel, fastShrinkOnLoad: true }));
}

function shrink(
  image: Sharp,
  { width, height }: PictureSize,
  options: Pick<ResizeOptions, "kernel" | "fastShrinkOnLoad">,
): Sharp {
  return image.resize(width, height, { fit: "fill", ...options });
}
