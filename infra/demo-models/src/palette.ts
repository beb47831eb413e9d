import type { SeededRandom } from "./seeded-random.ts";

/** CSS colours of one picture. `main` stands out from the background, `second` from `main`; the rest is free. */
export interface Palette {
  readonly backgroundStart: string;
  readonly backgroundEnd: string;
  readonly main: string;
  readonly second: string;
  readonly accent: string;
  readonly outline: string;
}

/** Hues are unrelated to the kind, so a network has to look at shapes; only lightness is kept apart. */
export function choosePalette(random: SeededRandom): Palette {
  const backgroundLightness = random.between(8, 92);
  const mainLightness = apartFrom(random, backgroundLightness, 24);
  const secondLightness = apartFrom(random, mainLightness, 26);
  return {
    backgroundStart: randomColor(random, backgroundLightness),
    backgroundEnd: randomColor(random, backgroundLightness + random.between(-12, 12)),
    main: randomColor(random, mainLightness),
    second: randomColor(random, secondLightness),
    accent: randomColor(random, apartFrom(random, mainLightness, 20)),
    outline: randomColor(random, apartFrom(random, mainLightness, 30)),
  };
}

/** Lightness in percent, clamped to 4…96. */
export function randomColor(random: SeededRandom, lightness = random.between(6, 94)): string {
  const hue = random.integer(0, 359);
  const saturation = random.integer(5, 95);
  return `hsl(${hue},${saturation}%,${Math.round(Math.min(96, Math.max(4, lightness)))}%)`;
}

function apartFrom(random: SeededRandom, lightness: number, distance: number): number {
  const below = Math.max(0, lightness - distance - 6);
  const above = Math.max(0, 94 - lightness - distance);
  const offset = random.between(0, below + above);
  return offset < below ? 6 + offset : lightness + distance + offset - below;
}
