import { type Palette, randomColor } from "./palette.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { fixed, rectangle } from "./svg-shapes.ts";

export interface Canvas {
  readonly width: number;
  readonly height: number;
}

/** A linear or radial gradient over the whole canvas. */
export function drawBackground(random: SeededRandom, palette: Palette, canvas: Canvas): string {
  const stops = `<stop offset="0" stop-color="${palette.backgroundStart}"/><stop offset="1" stop-color="${palette.backgroundEnd}"/>`;
  const gradient = random.chance(0.7)
    ? `<linearGradient id="b" gradientTransform="rotate(${random.integer(0, 90)} .5 .5)">${stops}</linearGradient>`
    : `<radialGradient id="b" cx="${fixed(random.between(0, 1))}" cy="${fixed(random.between(0, 1))}">${stops}</radialGradient>`;
  return `<defs>${gradient}</defs>${rectangle([0, 0], [canvas.width, canvas.height], 'fill="url(#b)"')}`;
}

/** Specks in a repeated tile: noise that costs a renderer next to nothing, unlike a turbulence filter. */
export function drawGrain(random: SeededRandom, canvas: Canvas): string {
  const tile = random.integer(24, 48);
  const side = random.between(1, 2.5);
  const specks = Array.from({ length: random.integer(20, 90) }, () =>
    rectangle(
      [random.between(0, tile), random.between(0, tile)],
      [side, side],
      `fill="${randomColor(random)}"`,
    ),
  ).join("");
  const pattern = `<defs><pattern id="g" width="${tile}" height="${tile}" patternUnits="userSpaceOnUse">${specks}</pattern></defs>`;
  const opacity = fixed(random.between(0.1, 0.5));
  return (
    pattern +
    rectangle([0, 0], [canvas.width, canvas.height], `fill="url(#g)" opacity="${opacity}"`)
  );
}
