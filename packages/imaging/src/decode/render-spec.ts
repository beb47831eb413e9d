import { countViews, type PixelSpec } from "@sluice/inference";
import type { Sharp } from "sharp";
import { applyProfile } from "./apply-profile.ts";
import { cutCrops } from "./cut-crops.ts";
import { enlarge } from "./enlarge.ts";
import { planFiveCrops, planGeometry } from "./geometry.ts";
import { planShrinkOnLoad } from "./plan-shrink-on-load.ts";
import { planShrinks, type PictureSize } from "./plan-shrinks.ts";
import { releasePixels } from "./release-pixels.ts";
import { openRgb, readRgb } from "./rgb-pixels.ts";
import { shrinkInSteps } from "./shrink-in-steps.ts";

export interface PictureFacts {
  /** After orientation. */
  readonly size: PictureSize;
  /** Of the pixels that there are: smaller than `size` where they have been shrunk for several specs at once. */
  readonly pixels: PictureSize;
  /** Read from a JPEG file, which the decoder may shrink while it reads. */
  readonly isJpegFile: boolean;
  /** Whether it is to be put on white. */
  readonly hasAlpha: boolean;
  /** Its colours', if they are not sRGB. */
  readonly profile: Uint8Array | null;
}

/**
 * A picture as one model takes it, uint8 HWC RGB in sRGB: within half a level, on average, of what Pillow's bilinear
 * and bicubic give (test/parity/preprocessing). Several views stand one behind the other: those of `five-crop` in the order
 * of torchvision, a mirror image behind its original.
 *
 * @param image RGB or RGBA, in the profile
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
 * Greater shrinks come here in steps, and axes that grow go another way.
 */
async function resizeAndCut(
  image: Sharp,
  spec: PixelSpec,
  { size, pixels, isJpegFile, hasAlpha }: PictureFacts,
): Promise<Uint8Array> {
  const geometry = planGeometry(spec, size);
  const { left, top, resizeWidth, resizeHeight } = geometry;
  const target = { width: resizeWidth, height: resizeHeight };
  const onLoad = isJpegFile ? planShrinkOnLoad(pixels, target, spec.interpolation) : null;
  const steps = onLoad === null ? planShrinks(pixels, target) : [onLoad, target];
  const { interpolation } = spec;
  const shrunk = await shrinkInSteps(image, { steps, onLoad, interpolation, hasAlpha });
  const isFive = spec.views === "five-crop";
  const crops = isFive ? planFiveCrops(spec, geometry) : [geometry];
  if (!isSame(steps.at(-1) ?? pixels, target)) {
    return await enlarge(await readRgb(shrunk.image), spec, crops);
  }
  if (isFive) return cutCrops(await readRgb(shrunk.image), spec, crops);
  const crop = shrunk.image.extract({ left, top, width: spec.width, height: spec.height });
  const { data } = await readRgb(crop);
  if (shrunk.held !== null) releasePixels(shrunk.held.data);
  return data;
}

async function addMirrored(data: Uint8Array, { width, height }: PixelSpec): Promise<Uint8Array> {
  const mirrored = await readRgb(openRgb({ data, width, height }).flop());
  return Buffer.concat([data, mirrored.data]);
}

function isSame(a: PictureSize, b: PictureSize): boolean {
  return a.width === b.width && a.height === b.height;
}
