import { countViews, type PixelSpec } from "@sluice/inference";
import type { ResizeOptions, Sharp } from "sharp";
import { applyProfile } from "./apply-profile.ts";
import { cutCrops } from "./cut-crops.ts";
import { enlarge } from "./enlarge.ts";
import { planFiveCrops, planGeometry } from "./geometry.ts";
import { planShrinkOnLoad } from "./plan-shrink-on-load.ts";
import { planShrinks, type PictureSize } from "./plan-shrinks.ts";
import { releasePixels } from "./release-pixels.ts";
import { openRgb, readRgb, type RgbPixels } from "./rgb-pixels.ts";

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
 * and bicubic give (test/parity/preprocessing). Several views stand one behind the other: those of `five-crop` in the order
 * of torchvision, a mirror image behind its original.
 *
 * @param image RGB without transparency, in the profile
 */
export async function renderSpec(
  image: Sharp,
  spec: PixelSpec,
  facts: PictureFacts,
): Promise<Uint8Array> {
  const { width, height, views = "center" } = spec;
  const cut = await resizeAndCut(image, spec, facts);
  const data = views === "center+flip" ? await addMirrored(cut, spec) : cut;
  if (facts.profile === null) return data;
  return await applyProfile({ data, width, height: height * countViews(views) }, facts.profile);
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
  let step: RgbPixels | null = null;
  for (const next of steps) {
    const kernel = FIRST_KERNELS[spec.interpolation];
    const shrunk = shrink(current, next, { kernel, fastShrinkOnLoad: next === onLoad });
    const previous: RgbPixels | null = step;
    step = await readRgb(shrunk);
    if (previous !== null) releasePixels(previous.data);
    current = openRgb(step);
  }
  const kernel = KERNELS[spec.interpolation];
  if (!isSame(last, size)) current = shrink(current, last, { kernel, fastShrinkOnLoad: false });
  const isFive = spec.views === "five-crop";
  const crops = isFive ? planFiveCrops(spec, geometry) : [geometry];
  if (!isSame(last, target)) {
    const source = await readRgb(current);
    return Buffer.concat(crops.map((crop) => enlarge(source, spec, crop)));
  }
  if (isFive) return cutCrops(await readRgb(current), spec, crops);
  const crop = current.extract({ left, top, width: spec.width, height: spec.height });
  const { data } = await readRgb(crop);
  if (step !== null) releasePixels(step.data);
  return data;
}

async function addMirrored(data: Uint8Array, { width, height }: PixelSpec): Promise<Uint8Array> {
  const mirrored = await readRgb(openRgb({ data, width, height }).flop());
  return Buffer.concat([data, mirrored.data]);
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
