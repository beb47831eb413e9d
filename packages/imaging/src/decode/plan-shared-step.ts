import type { PixelSpec } from "@sluice/inference";
import { planGeometry } from "./geometry.ts";
import { planShrinkOnLoad } from "./plan-shrink-on-load.ts";
import type { PictureSize } from "./plan-shrinks.ts";

/**
 * The step that libjpeg may begin for several specs at once: the largest one's, from which the others shrink further. Null where all
 * pixels are to be decoded: as for one spec, and where the specs' filters differ, because the first step is made for a filter.
 */
export function planSharedStep(size: PictureSize, specs: readonly PixelSpec[]): PictureSize | null {
  const [filter, ...others] = new Set(specs.map(({ interpolation }) => interpolation));
  if (filter === undefined || others.length > 0) return null;
  const targets = specs.map((spec) => planGeometry(spec, size));
  const largest = {
    width: Math.max(...targets.map(({ resizeWidth }) => resizeWidth)),
    height: Math.max(...targets.map(({ resizeHeight }) => resizeHeight)),
  };
  return planShrinkOnLoad(size, largest, filter);
}
