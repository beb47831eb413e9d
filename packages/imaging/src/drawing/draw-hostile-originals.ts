import sharp from "sharp";
import { randomOf } from "./mutate-file.ts";

const SIDE = 48;

/**
 * One picture of each kind that strangers send, the same every time, for `mutateFile`. They are small, so that most bytes of a file
 * are structure.
 */
export async function drawHostileOriginals(): Promise<readonly Buffer[]> {
  const random = randomOf(1);
  const frame = (): Buffer =>
    Buffer.from(Array.from({ length: SIDE * SIDE * 3 }, () => random(256)));
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  const still = sharp(frame(), { raw }).blur(2);
  const pages = { ...raw, height: SIDE * 3, pageHeight: SIDE };
  const moving = sharp(Buffer.concat([frame(), frame(), frame()]), { raw: pages });
  const pictures = [
    still.clone().jpeg(),
    still
      .clone()
      .jpeg({ progressive: true })
      .withExif({ IFD0: { Copyright: "x" } }),
    still.clone().png(),
    still.clone().png({ progressive: true, palette: true }),
    still.clone().withIccProfile("p3").png({ compressionLevel: 1 }),
    still.clone().webp(),
    still.clone().webp({ lossless: true }),
    still.clone().avif({ effort: 0 }),
    still.clone().tiff({ compression: "lzw" }),
    still.clone().tiff({ tile: true, tileWidth: 16, tileHeight: 16 }),
    still.clone().gif(),
    moving.clone().gif(),
    moving.clone().webp(),
  ];
  return await Promise.all(pictures.map(async (picture) => await picture.toBuffer()));
}
