import sharp from "sharp";
import { encodeAnimatedPng } from "./encode-animated-png.ts";
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
  const files = await Promise.all(pictures.map(async (picture) => await picture.toBuffer()));
  return [...files, animate(random)];
}

/** Three frames of an animated PNG, one of them half the canvas. */
function animate(random: (below: number) => number): Buffer {
  const frame = (height: number, blend: 0 | 1) => {
    const pixels = Uint8Array.from({ length: SIDE * height * 4 }, () => random(256));
    return { left: 0, top: 0, width: SIDE, height, pixels, disposal: 0, blend } as const;
  };
  const frames = [frame(SIDE, 0), frame(SIDE / 2, 1), frame(SIDE, 0)];
  return encodeAnimatedPng({ width: SIDE, height: SIDE, frames });
}
