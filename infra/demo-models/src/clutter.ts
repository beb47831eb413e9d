import { randomColor } from "./palette.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { circle, fixed, group, path, polar, polygon, rectangle } from "./svg-shapes.ts";

export interface ClutterArea {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** Size of one shape in pixels. */
  readonly minSize: number;
  readonly maxSize: number;
}

/** Shapes that mean nothing: the circles, rings, squares and spikes that a kind is also made of, one at a time. */
export function drawClutter(random: SeededRandom, area: ClutterArea): string {
  return Array.from({ length: area.count }, () => {
    const x = random.between(0, area.width);
    const y = random.between(0, area.height);
    const shape = drawShape(random, random.between(area.minSize, area.maxSize) / 2);
    return group(shape, `translate(${fixed(x)} ${fixed(y)}) rotate(${random.integer(0, 359)})`);
  }).join("");
}

const SHAPES = ["disc", "ring", "bar", "square", "triangle", "arc", "cross"] as const;

function drawShape(random: SeededRandom, radius: number): string {
  const fill = `fill="${randomColor(random)}" opacity="${fixed(random.between(0.4, 1))}"`;
  const line = `fill="none" stroke="${randomColor(random)}" stroke-width="${fixed(radius * random.between(0.15, 0.5))}"`;
  const shape = random.pick(SHAPES);
  const r = fixed(radius);
  switch (shape) {
    case "disc":
      return circle([0, 0], radius, fill);
    case "ring":
      return circle([0, 0], radius * 0.8, line);
    case "bar":
      return rectangle([-radius, -radius * 0.2], [2 * radius, radius * 0.4], fill);
    case "square":
      return rectangle([-radius * 0.8, -radius * 0.8], [1.6 * radius, 1.6 * radius], fill);
    case "triangle":
      return polygon([polar(radius, 0), polar(radius, 0.33), polar(radius, 0.67)], fill);
    case "arc":
      return path(`M-${r} 0Q0 ${fixed(random.between(-2, 2) * radius)} ${r} 0`, line);
    case "cross":
      return path(`M-${r} 0H${r}M0 -${r}V${r}`, line);
    default:
      return shape satisfies never;
  }
}
