import sharp from "sharp";

export interface SolidPngOptions {
  /** Pixels. Any size that fits a PNG: the file stays small, and that is the point of a decompression bomb. */
  readonly width: number;
  readonly height: number;
  /** A CSS colour. */
  readonly color: string;
}

/** A PNG of one colour, encoded as a stream: 20,000 by 20,000 pixels need no gigabyte to write. */
export function encodeSolidPng({ width, height, color }: SolidPngOptions): Promise<Buffer> {
  return sharp({
    create: { width, height, channels: 3, background: color },
    limitInputPixels: false,
  })
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();
}
