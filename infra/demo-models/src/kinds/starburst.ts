import type { Figure } from "../figure.ts";
import { circle, polar, polygon } from "../svg-shapes.ts";

/** A star of six to sixteen pointed rays, often with a smaller star or a disc on it. */
export function drawStarburst({ random, palette, stroke }: Figure): string {
  const rays = random.integer(6, 16);
  const inner = random.between(0.36, 0.66);
  const star = polygon(rayPoints(rays, 96, inner), `fill="${palette.main}" ${stroke}`);
  if (random.chance(0.4)) {
    const size = random.between(44, 64);
    return star + polygon(rayPoints(rays, size, inner), `fill="${palette.second}"`);
  }
  return random.chance(0.4)
    ? star + circle([0, 0], random.between(12, 26), `fill="${palette.second}"`)
    : star;
}

function rayPoints(rays: number, radius: number, inner: number): ReturnType<typeof polar>[] {
  return Array.from({ length: 2 * rays }, (_, corner) =>
    polar(corner % 2 === 0 ? radius : radius * inner, corner / (2 * rays)),
  );
}
