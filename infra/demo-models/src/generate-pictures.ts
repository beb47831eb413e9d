import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { rasterizeSvg } from "@sluice/imaging";

import { type DrawnPicture, drawPicture } from "./draw-picture.ts";
import { PICTURE_KINDS, type PictureKind } from "./picture-kind.ts";

export interface GeneratePicturesOptions {
  readonly folder: string;
  readonly seed: number;
  /** Pictures in all; kinds take turns, so each has the same number within one. */
  readonly count: number;
  /** Kinds to draw, default all. */
  readonly kinds?: readonly PictureKind[];
  /** Pictures in work at a time, default 4: more only queue in front of the decoder's threads. */
  readonly concurrency?: number;
}

export interface GeneratedPicture {
  readonly kind: PictureKind;
  /** File name inside the folder. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/** Writes JPEGs named `<kind>-<index>.jpg` and returns them in the order they were asked for. The folder is made if missing. */
export async function generatePictures(
  options: GeneratePicturesOptions,
): Promise<readonly GeneratedPicture[]> {
  const { folder, seed, count, kinds = PICTURE_KINDS, concurrency = 4 } = options;
  await mkdir(folder, { recursive: true });
  const written: GeneratedPicture[] = [];
  let started = 0;
  const work = async (): Promise<void> => {
    while (started < count) {
      const position = started;
      started += 1;
      const kind = kinds[position % kinds.length];
      if (kind === undefined) return;
      const index = Math.floor(position / kinds.length);
      written[position] = await writePicture(folder, drawPicture({ seed, kind, index }), index);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return written;
}

/** Encodes a drawn picture as the JPEG that its own quality and blur ask for. */
export function encodePicture(picture: DrawnPicture): Promise<Buffer> {
  const { svg, quality, blurSigma } = picture;
  return rasterizeSvg(svg, { format: "jpeg", quality, blurSigma });
}

async function writePicture(
  folder: string,
  picture: DrawnPicture,
  index: number,
): Promise<GeneratedPicture> {
  const bytes = await encodePicture(picture);
  const name = `${picture.kind}-${String(index).padStart(5, "0")}.jpg`;
  await writeFile(join(folder, name), bytes);
  const { kind, width, height } = picture;
  return { kind, name, width, height, bytes: bytes.byteLength };
}
