import sharp from "sharp";

/** Loaders that strangers may reach, by libvips' class names; everything else is blocked, SVG and raw formats above all. */
const ALLOWED_LOADERS = [
  "VipsForeignLoadJpegBuffer",
  "VipsForeignLoadPngBuffer",
  "VipsForeignLoadWebpBuffer",
  "VipsForeignLoadNsgifBuffer",
  "VipsForeignLoadTiffBuffer",
  "VipsForeignLoadHeifBuffer",
];

/**
 * Prepares this process for pictures from strangers. Once per process and before the first decode: blocks every
 * loader that is not needed, keeps no cache, and lets each picture use one thread, because many are decoded at a time.
 */
export function hardenDecoder(): void {
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: ALLOWED_LOADERS });
  sharp.cache(false);
  sharp.concurrency(1);
}
