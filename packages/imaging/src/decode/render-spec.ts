import type { PixelSpec } from "@sluice/inference";
import type { ResizeOptions, Sharp } from "sharp";
import { applyProfile } from "./apply-profile.ts";
import { enlarge } from "./enlarge.ts";
import { planGeometry } from "./geometry.ts";
import { planShrinkOnLoad } from "./plan-shrink-on-load.ts";
import { planShrinks, type PictureSize } from "./plan-shrinks.ts";
import { openRgb, readRgb } from "./rgb-pixels.ts";

export interface PictureFacts {
  /** After orientation. */
  readonly size: PictureSize;
  /** Read from a JPEG file, which the decoder may shrink while it reads. */
  readonly isJpegFile: boolean;
  /** Its colours', if they are not sRGB. */
  readonly profile: Uint8Array | null;
}

/**
 * A picture as one model takes it, uint8 HWC RGB in sRGB: within half a level, on average, of what Pillow's bilinear
 * and bicubic give (test/parity/preprocessing).
 *
 * @param image RGB without transparency, in the profile
 */
export async function renderSpec(
  image: Sharp,
  spec: PixelSpec,
  facts: PictureFacts,
): Promise<Uint8Array> {
  const data = await resizeAndCut(image, spec, facts);
  if (facts.profile === null) return data;
  return await applyProfile({ data, width: spec.width, height: spec.height }, facts.profile);
}

/**
 * libvips' `linear` and `cubic` are Pillow's filters for an axis that shrinks by less than four; its default is not.
 * Greater shrinks come here in steps, and axes that grow are ours.
 */
async function resizeAndCut(
  image: Sharp,
  spec: PixelSpec,
  { size, isJpegFile }: PictureFacts,
): Promise<Uint8Array> {
  const geometry = planGeometry(spec, size);
  const { left, top, resizeWidth, resizeHeight } = geometry;
  const target = { width: resizeWidth, height: resizeHeight };
  const onLoad = isJpegFile ? planShrinkOnLoad(size, target) : null;
  const steps = onLoad === null ? planShrinks(size, target) : [onLoad, target];
  const last = steps.pop() ?? size;
  let current = image;
  for (const step of steps) {
    const kernel = FIRST_KERNELS[spec.interpolation];
    const shrunk = shrink(current, step, { kernel, fastShrinkOnLoad: step === onLoad });
    current = openRgb(await readRgb(shrunk));
  }
  const kernel = KERNELS[spec.interpolation];
  if (!isSame(last, size)) current = shrink(current, last, { kernel, fastShrinkOnLoad: false });
  if (!isSame(last, target)) return enlarge(await readRgb(current), spec, geometry);
  const crop = current.extract({ left, top, width: spec.width, height: spec.height });
  return (await readRgb(crop)).data;
}

/** libvips' names of Pillow's filters. */
const KERNELS = { bilinear: "linear", bicubic: "cubic" } as const;

/** For the steps before: what comes nearest to the filter's own result at a third of the size. */
const FIRST_KERNELS = { bilinear: "mitchell", bicubic: "cubic" } as const;

function shrink(
  image: Sharp,
  { width, height }: PictureSize,
  options: Pick<ResizeOptions, "kernel" | "fastShrinkOnLoad">,
): Sharp {
  return image.resize(width, height, { fit: "fill", ...options });
}

function isSame(a: PictureSize, b: PictureSize): boolean {
  return a.width === b.width && a.height === b.height;
}
