// drawing: pictures for the demo and for tests
export { drawHostileOriginals } from "./drawing/draw-hostile-originals.ts";
export { type AnimatedGifOptions, encodeAnimatedGif } from "./drawing/encode-animated-gif.ts";
export { type CmykJpegOptions, encodeCmykJpeg } from "./drawing/encode-cmyk-jpeg.ts";
export { mutateFile, randomOf } from "./drawing/mutate-file.ts";
export { encodeSolidPng, type SolidPngOptions } from "./drawing/encode-solid-png.ts";
export {
  RASTER_FORMATS,
  type RasterFormat,
  type RasterizeOptions,
  rasterizeSvg,
} from "./drawing/rasterize-svg.ts";
// end of drawing
// decode: pictures from strangers into pixels
export { hardenDecoder } from "./decode/harden-decoder.ts";
export { createImageDecoder, type DecoderOptions } from "./decode/image-decoder.ts";
export { DecoderStuckError } from "./decode/stuck-guard.ts";
// end of decode
