import type { Figure } from "../figure.ts";
import { circle, polygon, type Point } from "../svg-shapes.ts";

/** Far beyond the edge of every canvas, so that the range has no visible end. */
const EDGE = 420;

/** A range of peaks from edge to edge, some with snow, usually another range before it and a sun above. */
export function drawMountains(figure: Figure): string {
  const { random, palette } = figure;
  const sun = random.chance(0.7)
    ? circle(
        [random.between(-80, 80), random.between(-84, -50)],
        random.between(10, 22),
        `fill="${palette.accent}"`,
      )
    : "";
  const far = drawRange(figure, {
    fill: palette.main,
    baseline: random.between(10, 40),
    snow: palette.second,
  });
  const near = random.chance(0.6)
    ? drawRange(figure, { fill: palette.outline, baseline: random.between(64, 90), snow: null })
    : "";
  return sun + far + near;
}

interface Range {
  readonly fill: string;
  /** Height of the valleys; peaks rise 35 to 100 above it. */
  readonly baseline: number;
  readonly snow: string | null;
}

function drawRange({ random, stroke }: Figure, { fill, baseline, snow }: Range): string {
  const outline: Point[] = [[-EDGE, EDGE]];
  const caps: string[] = [];
  let x = -EDGE;
  while (x < EDGE) {
    const width = random.between(26, 62);
    const valley: Point = [x, baseline + random.between(-6, 10)];
    const peak: Point = [x + width * random.between(0.8, 1.2), baseline - random.between(36, 96)];
    x = peak[0] + width;
    outline.push(valley, peak);
    if (snow !== null) caps.push(drawSnow(valley, peak, [x, baseline], snow));
  }
  outline.push([EDGE, EDGE]);
  return polygon(outline, `fill="${fill}" ${stroke}`) + caps.join("");
}

/** The upper third of the triangle, with a jagged lower edge. */
function drawSnow(left: Point, peak: Point, right: Point, fill: string): string {
  const along = (end: Point, share: number): Point => [
    peak[0] + (end[0] - peak[0]) * share,
    peak[1] + (end[1] - peak[1]) * share,
  ];
  const middle: Point = [peak[0], peak[1] + (left[1] - peak[1]) * 0.22];
  return polygon([along(left, 0.32), peak, along(right, 0.32), middle], `fill="${fill}"`);
}
