import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawPicture, PICTURE_KINDS } from "@sluice/demo-models";
import { rasterizeSvg } from "@sluice/imaging";

/** Sub-folders, sorted. */
export const BADGE_LABELS = ["badge", "ordinary"] as const;
export type BadgeLabel = (typeof BADGE_LABELS)[number];

/**
 * A picture of any kind that the demo's models know, plain or with a badge that none was trained to see: white dots on a violet
 * disc.
 */
export async function drawBadgePicture(label: BadgeLabel, index: number): Promise<Buffer> {
  const kind = PICTURE_KINDS[index % PICTURE_KINDS.length] ?? PICTURE_KINDS[0];
  // Different pictures below, so that nothing but the badge tells the two apart.
  const { svg, width, height } = drawPicture({ seed: label === "badge" ? 77 : 78, kind, index });
  const badge = label === "badge" ? drawBadge(width, height, index) : "";
  const drawn = svg.replace(/<\/svg>$/u, `${badge}</svg>`);
  return await rasterizeSvg(drawn, { format: "jpeg", quality: 85 });
}

const STEPS = [-3, -2, -1, 0, 1, 2, 3];

function drawBadge(width: number, height: number, index: number): string {
  const radius = 0.3 * Math.min(width, height);
  const shift = (((index * 7) % 11) - 5) / 40;
  const [x, y] = [width * (0.5 + shift), height * (0.5 - shift)];
  const dots = STEPS.flatMap((row) =>
    STEPS.map((column) => {
      const [cx, cy] = [x + (column * radius) / 5, y + (row * radius) / 5];
      return `<circle cx="${cx}" cy="${cy}" r="${radius / 15}" fill="white"/>`;
    }),
  );
  return `<circle cx="${x}" cy="${y}" r="${radius}" fill="#6a1b9a"/>${dots.join("")}`;
}

/** Writes `count` pictures of each label into a sub-folder of its name, as 000.jpg, 001.jpg, … */
export async function writeBadgeFolders(folder: string, count: number): Promise<void> {
  for (const label of BADGE_LABELS) {
    await mkdir(join(folder, label), { recursive: true });
    for (let index = 0; index < count; index++) {
      const name = `${String(index).padStart(3, "0")}.jpg`;
      await writeFile(join(folder, label, name), await drawBadgePicture(label, index));
    }
  }
}
