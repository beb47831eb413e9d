import type { Figure } from "../figure.ts";
import { fixed, path, rectangle } from "../svg-shapes.ts";

/** A square board of four to eight cells a side in two colours, with or without a frame. */
export function drawCheckerboard({ random, palette }: Figure): string {
  const cells = random.integer(4, 8);
  const half = random.between(68, 84);
  const pitch = (2 * half) / cells;
  const side = fixed(pitch);
  const dark: string[] = [];
  for (let cell = 0; cell < cells * cells; cell += 1) {
    const row = Math.floor(cell / cells);
    const column = cell % cells;
    if ((row + column) % 2 === 0) {
      dark.push(
        `M${fixed(column * pitch - half)} ${fixed(row * pitch - half)}h${side}v${side}h-${side}z`,
      );
    }
  }
  const frame = random.chance(0.5)
    ? `stroke="${palette.outline}" stroke-width="${fixed(random.between(3, 14))}"`
    : "";
  const board = rectangle(
    [-half, -half],
    [2 * half, 2 * half],
    `fill="${palette.second}" ${frame}`,
  );
  return board + path(dark.join(""), `fill="${palette.main}"`);
}
