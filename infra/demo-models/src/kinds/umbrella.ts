import type { Figure } from "../figure.ts";
import { fixed, path } from "../svg-shapes.ts";

/** An open canopy of three to six gores with a scalloped hem, a tip, and a stick that ends in a hook. */
export function drawUmbrella({ random, palette, stroke }: Figure): string {
  const half = random.between(74, 94);
  const top = -random.between(64, 90);
  const hem = random.between(-6, 10);
  const hook = random.pick([-1, 1]) * random.between(20, 30);
  const foot = random.between(66, 78);
  const stick = path(
    `M0 ${fixed(top - random.between(8, 16))}V${fixed(foot)}q0 20 ${fixed(hook / 2)} 20t${fixed(hook / 2)} -20`,
    `fill="none" stroke="${palette.outline}" stroke-width="${fixed(random.between(4, 8))}" stroke-linecap="round"`,
  );
  const gores = random.integer(3, 6);
  const isStriped = random.chance(0.6);
  const canopy = Array.from({ length: gores }, (_, gore) => {
    const fill = isStriped && gore % 2 === 1 ? palette.second : palette.main;
    return path(goreOutline({ half, top, hem, gores, gore }), `fill="${fill}" ${stroke}`);
  });
  return stick + canopy.join("");
}

interface Gore {
  readonly half: number;
  readonly top: number;
  readonly hem: number;
  readonly gores: number;
  readonly gore: number;
}

function goreOutline({ half, top, hem, gores, gore }: Gore): string {
  const left = -half + (2 * half * gore) / gores;
  const right = -half + (2 * half * (gore + 1)) / gores;
  // The ribs bulge outwards so that the canopy is a dome and not a tent.
  const rib = (x: number): string => `${fixed(x * 0.92)} ${fixed(top)}`;
  const scallop = `${fixed((left + right) / 2)} ${fixed(hem - 18)}`;
  return `M0 ${fixed(top)}Q${rib(left)} ${fixed(left)} ${fixed(hem)}Q${scallop} ${fixed(right)} ${fixed(hem)}Q${rib(right)} 0 ${fixed(top)}z`;
}
