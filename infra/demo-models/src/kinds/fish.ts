import type { Figure } from "../figure.ts";
import { circle, fixed, group, path, polygon } from "../svg-shapes.ts";

/** A lens-shaped body with a forked tail, a fin, an eye and sometimes bars; it swims either way. */
export function drawFish({ random, palette, stroke }: Figure): string {
  const belly = random.between(56, 92);
  const tailX = random.between(84, 98);
  const spread = random.between(28, 46);
  const skin = `fill="${palette.main}" ${stroke}`;
  const tail = polygon(
    [
      [48, 0],
      [tailX, -spread],
      [tailX - random.between(8, 22), 0],
      [tailX, spread],
    ],
    skin,
  );
  const height = belly / 2;
  const fin = polygon(
    [
      [-16, -height * 0.7],
      [random.between(0, 14), -height - random.between(10, 26)],
      [30, -height * 0.55],
    ],
    `fill="${palette.accent}"`,
  );
  const body = path(`M-90 0Q-18 ${fixed(-belly)} 62 0Q-18 ${fixed(belly)} -90 0z`, skin);
  const bars = random.chance(0.5) ? drawBars({ random, palette, stroke }, height) : "";
  const eye = circle([-60, -6], random.between(5, 8), `fill="${palette.second}"`);
  return group(tail + fin + body + bars + eye, `scale(${random.pick([-1, 1])} 1)`);
}

function drawBars({ random, palette }: Figure, height: number): string {
  const count = random.integer(1, 3);
  const width = fixed(random.between(5, 10));
  return Array.from({ length: count }, (_, bar) => {
    const x = fixed(-26 + bar * 22);
    const reach = fixed(height * (0.78 - 0.16 * bar));
    return path(`M${x} -${reach}V${reach}`, `stroke="${palette.second}" stroke-width="${width}"`);
  }).join("");
}
