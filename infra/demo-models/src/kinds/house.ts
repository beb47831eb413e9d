import type { Figure } from "../figure.ts";
import { polygon, rectangle } from "../svg-shapes.ts";

/** Walls, a gable roof, a door, one to four windows, and often a chimney. */
export function drawHouse({ random, palette, stroke }: Figure): string {
  const half = random.between(52, 82);
  const eaves = random.between(-22, 12);
  const ground = random.between(66, 88);
  const overhang = random.between(4, 20);
  const ridge = random.between(-96, eaves - 46);
  const parts: string[] = [];
  if (random.chance(0.6)) {
    const left = random.pick([-0.75, 0.35]) * half;
    parts.push(
      rectangle(
        [left, ridge + 2],
        [random.between(12, 22), eaves - ridge],
        `fill="${palette.accent}"`,
      ),
    );
  }
  parts.push(
    rectangle([-half, eaves], [2 * half, ground - eaves], `fill="${palette.main}" ${stroke}`),
  );
  const roof = [
    [-half - overhang, eaves],
    [random.between(-12, 12), ridge],
    [half + overhang, eaves],
  ] as const;
  parts.push(polygon(roof, `fill="${palette.second}" ${stroke}`));
  const doorLeft = random.between(-0.7, 0.3) * half;
  const doorHeight = (ground - eaves) * random.between(0.5, 0.72);
  parts.push(
    rectangle(
      [doorLeft, ground - doorHeight],
      [0.4 * half, doorHeight],
      `fill="${palette.outline}"`,
    ),
  );
  return (
    parts.join("") + drawWindows({ random, palette, stroke }, { half, eaves, wall: ground - eaves })
  );
}

function drawWindows(
  { random, palette }: Figure,
  { half, eaves, wall }: { readonly half: number; readonly eaves: number; readonly wall: number },
): string {
  const columns = random.integer(1, 4);
  const pitch = (2 * half) / columns;
  const width = Math.min(26, pitch * random.between(0.4, 0.62));
  const height = wall * random.between(0.18, 0.28);
  return Array.from({ length: columns }, (_, column) => {
    const left = -half + (column + 0.5) * pitch - width / 2;
    return rectangle([left, eaves + wall * 0.12], [width, height], `fill="${palette.accent}"`);
  }).join("");
}
