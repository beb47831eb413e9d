import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drawPicture, PICTURE_KINDS } from "@sluice/demo-models";
import { rasterizeSvg } from "@sluice/imaging";
import type { Input } from "../classify/list-inputs.ts";

/** Megapixels of the pictures, in turn: what phones and cameras upload, mostly scaled down. */
const MEGAPIXELS = [1, 2, 3, 6, 12] as const;
const QUALITY = 85;
/** Cameras write whole blocks of a JPEG; odd sizes would keep the decoder from shrinking while it reads. */
const BLOCK = 16;

/** Draws JPEGs of 1 to 12 megapixels, all different; the same every time. */
export async function drawPhotographs(folder: string, count: number): Promise<readonly Input[]> {
  await mkdir(folder, { recursive: true });
  const inputs: Input[] = [];
  for (let index = 0; index < count; index++) {
    const kind = PICTURE_KINDS[index % PICTURE_KINDS.length] ?? "fish";
    const drawn = drawPicture({ seed: 7, kind, index });
    const megapixels = MEGAPIXELS[index % MEGAPIXELS.length] ?? 1;
    const name = `${String(index).padStart(4, "0")}.jpg`;
    const path = join(folder, name);
    const svg = enlarge(drawn.svg, drawn, megapixels);
    await writeFile(path, await rasterizeSvg(svg, { format: "jpeg", quality: QUALITY }));
    inputs.push({ name, path });
  }
  return inputs;
}

/** The same drawing with more pixels. */
function enlarge(
  svg: string,
  { width, height }: { width: number; height: number },
  megapixels: number,
): string {
  const factor = Math.sqrt((megapixels * 1e6) / (width * height));
  const blocks = (side: number): number => BLOCK * Math.round((side * factor) / BLOCK);
  const size = `width="${blocks(width)}" height="${blocks(height)}" viewBox="0 0 ${width} ${height}"`;
  return svg.replace(`width="${width}" height="${height}"`, size);
}
