import type { Figure } from "../figure.ts";
import { circle, fixed } from "../svg-shapes.ts";

const ORIGIN = [0, 0] as const;

/** Three to six concentric rings, filled in turn or only drawn as lines: the demo's forbidden kind. */
export function drawTarget({ random, palette }: Figure): string {
  const rings = random.integer(3, 6);
  const step = 96 / (rings + random.between(-0.3, 0.4));
  const radii = Array.from({ length: rings }, (_, ring) => 96 - ring * step).filter(
    (radius) => radius > 5,
  );
  if (random.chance(0.3)) {
    const width = fixed(step * random.between(0.35, 0.6));
    const attributes = `fill="none" stroke="${palette.main}" stroke-width="${width}"`;
    return radii.map((radius) => circle(ORIGIN, radius, attributes)).join("");
  }
  const hasAccent = random.chance(0.4);
  return radii
    .map((radius, ring) => {
      const alternating = ring % 2 === 0 ? palette.main : palette.second;
      const fill = hasAccent && ring === radii.length - 1 ? palette.accent : alternating;
      return circle(ORIGIN, radius, `fill="${fill}"`);
    })
    .join("");
}
