import type { PixelSpec } from "@sluice/inference";

/** How a picture is resized and which part of it is kept, in pixels. */
export interface Geometry {
  readonly resizeWidth: number;
  readonly resizeHeight: number;
  readonly left: number;
  readonly top: number;
}

/** Pictures longer than this many times their width are squeezed: the middle is all that a model sees anyway. */
const MAX_ASPECT = 64;

/**
 * torchvision's `Resize(n)` and `CenterCrop`: the long side is truncated, the crop's offset rounded half to even
 * (Python's `round`). Source: torchvision 0.14 `transforms/functional.py`.
 */
export function planGeometry(spec: PixelSpec, source: { width: number; height: number }): Geometry {
  if (spec.fit === "stretch") {
    return { resizeWidth: spec.width, resizeHeight: spec.height, left: 0, top: 0 };
  }
  const { width, height } = source;
  const isPortrait = width <= height;
  const ratio = isPortrait ? height / width : width / height;
  const long = Math.floor(spec.resize * Math.min(MAX_ASPECT, ratio) + 1e-9);
  const resizeWidth = Math.max(spec.width, isPortrait ? spec.resize : long);
  const resizeHeight = Math.max(spec.height, isPortrait ? long : spec.resize);
  return {
    resizeWidth,
    resizeHeight,
    left: roundHalfToEven((resizeWidth - spec.width) / 2),
    top: roundHalfToEven((resizeHeight - spec.height) / 2),
  };
}

/**
 * Where the crops of torchvision's `FiveCrop` begin: top left, top right, bottom left, bottom right, middle; offsets in
 * the resized picture, whose middle crop is the one given.
 */
export function planFiveCrops(spec: PixelSpec, middle: Geometry): readonly Geometry[] {
  const right = middle.resizeWidth - spec.width;
  const bottom = middle.resizeHeight - spec.height;
  return [
    { ...middle, left: 0, top: 0 },
    { ...middle, left: right, top: 0 },
    { ...middle, left: 0, top: bottom },
    { ...middle, left: right, top: bottom },
    middle,
  ];
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
