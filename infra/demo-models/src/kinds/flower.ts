import type { Figure } from "../figure.ts";
import { circle, fixed, group, path } from "../svg-shapes.ts";

/** Five to nine rounded petals around a disc, often on a stem with leaves. */
export function drawFlower({ random, palette, stroke }: Figure): string {
  const petals = random.integer(5, 9);
  const reach = random.between(58, 72);
  const length = random.between(24, 32);
  const width = Math.min(26, (reach * Math.PI * random.between(0.72, 1)) / petals);
  const petal = `<ellipse cx="0" cy="${fixed(length - reach - 8)}" rx="${fixed(width)}" ry="${fixed(length)}" fill="${palette.main}" ${stroke}/>`;
  const blossom = Array.from({ length: petals }, (_, index) =>
    group(petal, `rotate(${fixed((360 * index) / petals)})`),
  ).join("");
  const disc = circle([0, 0], random.between(14, 24), `fill="${palette.second}"`);
  const stem = random.chance(0.6) ? drawStem({ random, palette, stroke }) : "";
  return (
    stem +
    group(blossom + disc, `translate(0 ${stem === "" ? 0 : -24}) rotate(${random.integer(0, 71)})`)
  );
}

function drawStem({ random, palette }: Figure): string {
  const bend = fixed(random.between(-30, 30));
  const leaf = fixed(random.pick([-46, 46]) * random.between(0.7, 1));
  const line = path(
    `M0 0Q${bend} 50 0 100`,
    `fill="none" stroke="${palette.accent}" stroke-width="${fixed(random.between(5, 10))}"`,
  );
  return line + path(`M0 92Q${leaf} 84 ${leaf} 54Q4 60 0 92`, `fill="${palette.accent}"`);
}
