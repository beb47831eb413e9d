import type { PixelSpec } from "@sluice/inference";
import { cutCrops } from "./cut-crops.ts";
import type { Geometry } from "./geometry.ts";
import { openRgb, readRgb, type RgbPixels } from "./rgb-pixels.ts";

/** Pixels around each output pixel that the cubic filter takes, and one for rounding. */
const REACH = 3;

/**
 * Resamples and cuts as Pillow does, for axes that grow or stay, crops one behind the other. libvips' `resize` puts every pixel half an
 * output pixel too far to the right and bottom when it enlarges (mean error 1 to 9 of 255 against Pillow); its `affine`
 * takes the place from us. The picture's edge pixels are repeated beyond it, which is what Pillow's filters, cut at the edge,
 * come to. Only what the crops show is computed. Mean error against Pillow: 0.2 at most.
 */
export async function enlarge(
  source: RgbPixels,
  spec: PixelSpec,
  crops: readonly Geometry[],
): Promise<Uint8Array> {
  const across = planAxis(
    crops.map(({ left }) => left),
    { from: source.width, to: crops[0]?.resizeWidth ?? spec.width, length: spec.width },
  );
  const down = planAxis(
    crops.map(({ top }) => top),
    { from: source.height, to: crops[0]?.resizeHeight ?? spec.height, length: spec.height },
  );
  const part = await readRgb(
    openRgb(source)
      .extract({ left: across.start, top: down.start, width: across.count, height: down.count })
      .extend({ top: REACH, bottom: REACH, left: REACH, right: REACH, extendWith: "copy" }),
  );
  const enlarged = await readRgb(
    openRgb(part).affine([across.scale, 0, 0, down.scale], {
      idx: across.offset,
      idy: down.offset,
      interpolator: spec.interpolation,
    }),
  );
  const moved = crops.map((crop) => ({
    ...crop,
    left: crop.left - across.first,
    top: crop.top - down.first,
  }));
  return cutCrops(enlarged, spec, moved);
}

interface AxisPlan {
  /** First output pixel that a crop shows. */
  readonly first: number;
  /** First input pixel that is needed, and how many. */
  readonly start: number;
  readonly count: number;
  /** Output pixels per input pixel. */
  readonly scale: number;
  /** What `affine` adds to an input place: output pixel `first` must become 0. */
  readonly offset: number;
}

/** @param starts where crops of `length` begin on the resized axis */
function planAxis(
  starts: readonly number[],
  { from, to, length }: { from: number; to: number; length: number },
): AxisPlan {
  const scale = to / from;
  const first = Math.min(...starts);
  const end = Math.max(...starts) + length;
  // Pillow: pixel centres are at halves.
  const placeOf = (output: number): number => (output + 0.5) / scale - 0.5;
  const start = Math.max(0, Math.floor(placeOf(first)) - REACH);
  const stop = Math.min(from, Math.ceil(placeOf(end - 1)) + REACH + 1);
  const offset = start - REACH - placeOf(first);
  return { first, start, count: stop - start, scale, offset };
}
