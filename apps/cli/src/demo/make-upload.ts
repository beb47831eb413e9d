import { drawPicture } from "@sluice/demo-models";
import { encodeAnimatedGif, encodeCmykJpeg, rasterizeSvg } from "@sluice/imaging";
import { encodeBitPng } from "./encode-bit-png.ts";
import type { Drawing, Recipe } from "./sample-upload.ts";

const QUALITY = 85;

/** EXIF orientation 6: a viewer turns what is stored by 90 degrees clockwise. */
const ORIENTATION_TURN_RIGHT = 6;

/** Bytes of a sample upload; the same recipe and seed give the same bytes on every machine. */
export async function makeUpload(recipe: Recipe, seed: number): Promise<Uint8Array> {
  switch (recipe.make) {
    case "picture":
      return rasterizeSvg(svgOf(recipe.of, seed), { format: recipe.format, quality: QUALITY });
    case "cmyk-jpeg":
      return encodeCmykJpeg(svgOf(recipe.of, seed), { quality: QUALITY });
    case "turned-jpeg":
      return rasterizeSvg(turnLeft(drawPicture({ seed, ...recipe.of })), {
        format: "jpeg",
        quality: QUALITY,
        exifOrientation: ORIENTATION_TURN_RIGHT,
      });
    case "animated-gif":
      return encodeAnimatedGif(
        recipe.frames.map((frame) => fitInto(drawPicture({ seed, ...frame }), GIF_SIZE)),
        { frameDelayMs: 200 },
      );
    case "truncated-jpeg": {
      const whole = await rasterizeSvg(svgOf(recipe.of, seed), {
        format: "jpeg",
        quality: QUALITY,
      });
      return whole.subarray(0, Math.floor(whole.length * recipe.keepFraction));
    }
    case "blank-png":
      return encodeBitPng({ width: recipe.width, height: recipe.height });
    case "text":
      return Buffer.from(recipe.text);
    case "empty":
      return new Uint8Array(0);
    default:
      return recipe satisfies never;
  }
}

interface Svg {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** All frames of a GIF have one size, in pixels. */
const GIF_SIZE = { width: 320, height: 240 };

function svgOf(drawing: Drawing, seed: number): string {
  return drawPicture({ seed, ...drawing }).svg;
}

/** The drawing lying on its left side. */
function turnLeft({ svg, width, height }: Svg): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${height}" height="${width}"><g transform="matrix(0 -1 1 0 0 ${width})">${svg}</g></svg>`;
}

/** The drawing on a canvas of another size, whole and in the middle. */
function fitInto({ svg, width, height }: Svg, size: { width: number; height: number }): string {
  const scale = Math.min(size.width / width, size.height / height);
  const x = (size.width - width * scale) / 2;
  const y = (size.height - height * scale) / 2;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}"><g transform="translate(${x} ${y}) scale(${scale})">${svg}</g></svg>`;
}
