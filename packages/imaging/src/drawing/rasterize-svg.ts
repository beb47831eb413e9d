import sharp, { type Sharp } from "sharp";

export const RASTER_FORMATS = ["jpeg", "png", "webp", "avif", "gif"] as const;

export type RasterFormat = (typeof RASTER_FORMATS)[number];

export interface RasterizeOptions {
  readonly format: RasterFormat;
  /** 1 to 100 for JPEG, WebP and AVIF; the lossless formats ignore it. Default 80. */
  readonly quality?: number;
  /** Gaussian blur in pixels before encoding; below 0.3, the least that sharp takes, there is none. Default 0. */
  readonly blurSigma?: number;
  /** EXIF orientation tag, 1 to 8. The stored pixels stay as drawn, so a viewer shows them turned. Default: no tag. */
  readonly exifOrientation?: number;
}

/** Renders an SVG at its own width and height, opaque on white, and encodes it. Rejects as sharp does when the SVG is not valid. */
export async function rasterizeSvg(svg: string, options: RasterizeOptions): Promise<Buffer> {
  const { format, quality = 80, blurSigma = 0, exifOrientation } = options;
  let image = sharp(Buffer.from(svg)).flatten({ background: "white" });
  if (blurSigma >= 0.3) image = image.blur(blurSigma);
  if (exifOrientation !== undefined) {
    // withExif() would have its orientation overwritten by the pipeline's own, 1.
    image = image.withMetadata({ orientation: exifOrientation });
  }
  return ENCODERS[format](image, quality).toBuffer();
}

/** Low efforts: these pictures are drawn by the thousand and nobody stores them for long. */
const ENCODERS: Readonly<Record<RasterFormat, (image: Sharp, quality: number) => Sharp>> = {
  jpeg: (image, quality) => image.jpeg({ quality }),
  png: (image) => image.png({ compressionLevel: 4 }),
  webp: (image, quality) => image.webp({ quality, effort: 2 }),
  avif: (image, quality) => image.avif({ quality, effort: 2 }),
  gif: (image) => image.gif({ effort: 2 }),
};
