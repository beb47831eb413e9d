import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawPicture, encodePicture, type PictureKind } from "@sluice/demo-models";
import { rasterizeSvg } from "@sluice/imaging";

const SEED = 4242;

/** A JPEG of the demo models' world: picture number `index` of a kind. */
export function makePicture(kind: PictureKind, index = 0): Promise<Uint8Array> {
  return encodePicture(drawPicture({ seed: SEED, kind, index }));
}

/**
 * Writes `count` small JPEGs, no two alike, a millisecond or two each. They show stripes, about which the
 * models may think what they like: for tests that count.
 */
export async function makeManyPictures(folder: string, count: number): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const names = Array.from(
    { length: count },
    (_, index) => `${String(index).padStart(5, "0")}.jpg`,
  );
  const line = names.entries();
  const work = async (): Promise<void> => {
    for (const [index, name] of line) {
      await writeFile(join(folder, name), await rasterizeSvg(stripes(index), { format: "jpeg" }));
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return names;
}

/** Twelve stripes that are black or white as the bits of `index` say, on a ground that changes with it. */
function stripes(index: number): string {
  const bars = Array.from({ length: 12 }, (_, bit) => {
    const colour = (index >> bit) & 1 ? "white" : "black";
    return `<rect x="${bit * 8}" y="16" width="8" height="64" fill="${colour}"/>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><rect width="96" height="96" fill="hsl(${index % 360} 60% 50%)"/>${bars.join("")}</svg>`;
}
