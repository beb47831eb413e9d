import sharp from "sharp";

export interface CmykJpegOptions {
  /** 1 to 100. */
  readonly quality: number;
}

/** Renders an SVG as a four-channel JPEG with a print profile, as page-layout programs write them. */
export function encodeCmykJpeg(svg: string, { quality }: CmykJpegOptions): Promise<Buffer> {
  return sharp(Buffer.from(svg))
    .flatten({ background: "white" })
    .toColourspace("cmyk")
    .withIccProfile("cmyk")
    .jpeg({ quality })
    .toBuffer();
}
