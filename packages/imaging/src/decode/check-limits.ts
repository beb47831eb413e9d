import type { NotScanned } from "@sluice/inference";
import type { ImageHeader } from "./image-header.ts";

export interface ImageLimits {
  /** Most pixels of all frames together. */
  readonly maxImagePixels: number;
  /** The same for progressive JPEG and interlaced PNG, which need all of their pixels in memory at once. */
  readonly maxProgressivePixels: number;
  readonly maxFrames: number;
}

/** Refuses by the header alone what is too large to decode; null when it may be decoded. */
export function checkLimits(header: ImageHeader, limits: ImageLimits): NotScanned | null {
  const { width, height, frames, isProgressive } = header;
  const { maxFrames, maxImagePixels, maxProgressivePixels } = limits;
  if (frames > maxFrames) {
    const detail = `${frames} frames, above worker.maxFrames = ${maxFrames}`;
    return { kind: "unscannable", reason: "too-many-frames", detail };
  }
  const pixels = totalPixels(header);
  const shape = `${width} × ${height}${frames > 1 ? `, ${frames} frames` : ""}: ${pixels} pixels`;
  if (pixels > maxImagePixels) {
    const detail = `${shape}, above worker.maxImagePixels = ${maxImagePixels}`;
    return { kind: "unscannable", reason: "too-many-pixels", detail };
  }
  if (isProgressive && pixels > maxProgressivePixels) {
    const detail = `${shape}, progressive, above worker.maxProgressivePixels = ${maxProgressivePixels}`;
    return { kind: "unscannable", reason: "too-many-pixels", detail };
  }
  return null;
}

export function totalPixels({ frameShapes }: ImageHeader): number {
  return frameShapes.reduce((sum, { width, height }) => sum + width * height, 0);
}
