import type { UnscannableReason } from "@sluice/contracts";
import type { DecodedImage, ImageDecoder, NotScanned, PixelSpec } from "@sluice/inference";
import sharp, { type Metadata } from "sharp";
import { isTruncated } from "./end-marker.ts";
import { isAnimatedPng } from "./png-chunks.ts";
import { renderFrame } from "./render-frame.ts";
import { isMemoryProblem, isTimeout } from "./sharp-errors.ts";
import { sniffFormat, type SniffedFormat } from "./sniff-format.ts";

export interface DecoderOptions {
  readonly specs: readonly PixelSpec[];
  /** Most pixels of all frames together, from the header, before anything is decoded. */
  readonly maxImagePixels: number;
  /** The same for progressive JPEG and interlaced PNG, which need all of their pixels in memory at once. */
  readonly maxProgressivePixels: number;
  readonly maxFrames: number;
  /** Time for one frame. */
  readonly decodeTimeoutMs: number;
}

/**
 * Decodes pictures from strangers: what the first bytes are, then limits from the header, then a ladder: strict, and
 * if that fails tolerant (as browsers are, marked damaged), and if that fails a named reason. A format that could
 * hide frames from the decoder is never judged by its first one.
 */
export function createImageDecoder(options: DecoderOptions): ImageDecoder {
  return {
    async decode(bytes) {
      const sniffed = sniffFormat(bytes);
      if (sniffed.kind === "refused") return refuse(sniffed.reason, sniffed.detail);
      if (sniffed.format === "png" && isAnimatedPng(bytes)) {
        return refuse("hidden-frames", "an animated PNG: the decoder sees only its default image");
      }
      try {
        const header = await readHeader(bytes);
        const problem = checkLimits(header, options);
        return problem ?? (await climb(bytes, { header, format: sniffed.format, options }));
      } catch (error) {
        return describeFailure(error, bytes, sniffed.format);
      }
    },
  };
}

interface Header {
  readonly format: string;
  /** After orientation. */
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly isProgressive: boolean;
}

async function readHeader(bytes: Buffer): Promise<Header> {
  const metadata: Metadata = await sharp(bytes, {
    failOn: "none",
    limitInputPixels: false,
  }).metadata();
  return {
    format: metadata.format === "heif" ? "avif" : metadata.format,
    width: metadata.autoOrient.width,
    height: metadata.autoOrient.height,
    frames: metadata.pages ?? 1,
    isProgressive: metadata.isProgressive,
  };
}

function checkLimits(header: Header, options: DecoderOptions): NotScanned | null {
  const { width, height, frames, isProgressive } = header;
  if (frames > options.maxFrames) {
    return refuse(
      "too-many-frames",
      `${frames} frames, above worker.maxFrames = ${options.maxFrames}`,
    );
  }
  const pixels = width * height * frames;
  if (pixels > options.maxImagePixels) {
    return refuse(
      "too-many-pixels",
      `${width} × ${height} × ${frames} frames, above worker.maxImagePixels = ${options.maxImagePixels}`,
    );
  }
  if (isProgressive && pixels > options.maxProgressivePixels) {
    return refuse(
      "too-many-pixels",
      `${width} × ${height} progressive, above worker.maxProgressivePixels = ${options.maxProgressivePixels}`,
    );
  }
  return null;
}

interface Climb {
  readonly header: Header;
  readonly format: SniffedFormat;
  readonly options: DecoderOptions;
}

/** Strict first; a timeout or lack of memory is not tried again. */
async function climb(bytes: Buffer, parts: Climb): Promise<DecodedImage> {
  try {
    return await render(bytes, parts, "warning");
  } catch (error) {
    if (isTimeout(error) || isMemoryProblem(error)) throw error;
    return await render(bytes, parts, "none");
  }
}

async function render(
  bytes: Buffer,
  { header, options }: Climb,
  failOn: "warning" | "none",
): Promise<DecodedImage> {
  const { format, width, height } = header;
  const frames: Uint8Array[][] = [];
  for (let page = 0; page < header.frames; page++) {
    const source = {
      bytes,
      page,
      width,
      height,
      failOn,
      maxPixels: options.maxImagePixels,
      timeoutSeconds: Math.ceil(options.decodeTimeoutMs / 1000),
    };
    frames.push(await renderFrame(source, options.specs));
  }
  return { kind: "decoded", format, width, height, isDamaged: failOn === "none", frames };
}

function describeFailure(error: unknown, bytes: Buffer, format: SniffedFormat): NotScanned {
  const detail = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  if (isTimeout(error)) return refuse("timeout", detail);
  if (isMemoryProblem(error)) return refuse("out-of-memory", detail);
  return refuse(isTruncated(bytes, format) ? "truncated" : "corrupt", detail);
}

function refuse(reason: UnscannableReason, detail: string): NotScanned {
  return { kind: "unscannable", reason, detail };
}
