import type { UnscannableReason } from "@sluice/contracts";
import {
  chooseFrames,
  type DecodedImage,
  type Frames,
  type ImageDecoder,
  type NotScanned,
  type PixelSpec,
} from "@sluice/inference";
import { isAnimatedPng } from "./animated-png/png-chunks.ts";
import { readAnimatedPng, type AnimatedPng } from "./animated-png/read-animated-png.ts";
import { renderAnimation } from "./animated-png/render-animation.ts";
import { checkLimits, totalPixels, type ImageLimits } from "./check-limits.ts";
import { DecodeTimeoutError, startDeadline } from "./deadline.ts";
import { isTruncated } from "./end-marker.ts";
import { planWindows } from "./frame-windows.ts";
import { describeAnimation, hasOneCanvas, readHeader, type ImageHeader } from "./image-header.ts";
import { PixelBudget } from "./pixel-budget.ts";
import { renderFrame, renderWindow, type FrameSource } from "./render-frames.ts";
import { isMemoryProblem, isTimeout } from "./sharp-errors.ts";
import { sniffFormat, type SniffedFormat } from "./sniff-format.ts";
import { DecoderStuckError, failWhenStuck } from "./stuck-guard.ts";

export interface DecoderOptions extends ImageLimits {
  readonly specs: readonly PixelSpec[];
  /** Which frames of an animation are rendered; left out: all. */
  readonly frames?: Frames;
  /** Pixels that are decoded at a time; a picture with more of them goes alone. */
  readonly maxPixelsInFlight: number;
  /** Time for one picture, over all its frames and both steps of the ladder. */
  readonly decodeTimeoutMs: number;
}

/** Added to the time limit before the decoder counts as stuck: a busy machine is late, too. */
const STUCK_GRACE_MS = 10_000;

/**
 * Decodes pictures from strangers: what the first bytes are, then limits from the header, then a ladder: strict, and
 * if that fails tolerant (as browsers are, marked damaged), and if that fails a named reason. A format that could
 * hide frames from the decoder is never judged by its first one.
 *
 * `decode` rejects with DecoderStuckError when native code does not come back.
 */
export function createImageDecoder(options: DecoderOptions): ImageDecoder {
  const budget = new PixelBudget(options.maxPixelsInFlight);
  const stuckAfterMs = options.decodeTimeoutMs + STUCK_GRACE_MS;
  return {
    async decode(bytes) {
      const sniffed = sniffFormat(bytes);
      if (sniffed.kind === "refused") return refuse(sniffed.reason, sniffed.detail);
      const { format } = sniffed;
      const isAnimated = format === "png" && isAnimatedPng(bytes);
      try {
        const { maxFrames } = options;
        const animation = isAnimated ? readAnimatedPng(bytes, maxFrames) : null;
        const still = await failWhenStuck(stuckAfterMs, readHeader(bytes, { format, maxFrames }));
        const header = animation === null ? still : describeAnimation(still, animation);
        const problem = checkLimits(header, options);
        if (problem !== null) return problem;
        const parts = { header, animation, format, options };
        return await budget.run(
          pixelsInMemory(parts),
          async () => await failWhenStuck(stuckAfterMs, climb(bytes, parts)),
        );
      } catch (error) {
        if (error instanceof DecoderStuckError) throw error;
        return describeFailure(error, bytes, isAnimated ? "animated-png" : format);
      }
    },
  };
}

interface Climb {
  readonly header: ImageHeader;
  /** Null for everything but an animated PNG, of which the decoder itself sees the default image only. */
  readonly animation: AnimatedPng | null;
  readonly format: SniffedFormat;
  readonly options: DecoderOptions;
}

/** Canvases of four bytes a pixel that an animated PNG needs at a time, counted in pictures of three. */
const CANVASES = 5;

function pixelsInMemory({ header, animation }: Climb): number {
  const canvases = animation === null ? 0 : CANVASES * animation.width * animation.height;
  return Math.max(totalPixels(header), canvases);
}

/** Strict first; a timeout or lack of memory is not tried again. */
async function climb(bytes: Buffer, parts: Climb): Promise<DecodedImage> {
  const { format, width, height } = parts.header;
  const maxPixels = parts.options.maxImagePixels;
  const deadline = startDeadline(parts.options.decodeTimeoutMs);
  const source = { bytes, isJpegFile: parts.format === "jpeg", maxPixels, deadline };
  const decoded = { kind: "decoded", format, width, height } as const;
  const { frames: of } = parts.header;
  const numbers = chooseFrames(parts.options.frames ?? "all", of);
  const sampled = numbers.length < of ? { sampled: { of, numbers } } : {};
  try {
    const frames = await render({ ...source, failOn: "warning" }, parts, numbers);
    return { ...decoded, ...sampled, isDamaged: false, frames };
  } catch (error) {
    if (hasRunOut(error)) throw error;
    const frames = await render({ ...source, failOn: "none" }, parts, numbers);
    return { ...decoded, ...sampled, isDamaged: true, frames };
  }
}

/** @param numbers of the frames that somebody looks at, ascending */
async function render(
  source: FrameSource,
  { header, animation, format, options: { specs } }: Climb,
  numbers: readonly number[],
): Promise<Uint8Array[][]> {
  if (animation !== null) {
    return await renderAnimation(source, { animation, specs, numbers });
  }
  const frames: Uint8Array[][] = [];
  if (header.frames > 1 && hasOneCanvas(format)) {
    const pixelsPerFrame = header.width * header.height;
    for (const window of planWindows({ numbers, pixelsPerFrame })) {
      frames.push(...(await renderWindow(source, { window, specs })));
    }
    return frames;
  }
  for (const page of numbers) {
    const shape = header.frameShapes[page];
    if (shape === undefined) throw new RangeError(`no shape is known of frame ${page}`);
    frames.push(await renderFrame(source, { page, shape, specs }));
  }
  return frames;
}

function hasRunOut(error: unknown): boolean {
  return error instanceof DecodeTimeoutError || isTimeout(error) || isMemoryProblem(error);
}

/** A browser may show frames of an animated PNG where we see none, so it is not called corrupt, which sounds as if nobody could. */
function describeFailure(
  error: unknown,
  bytes: Buffer,
  format: SniffedFormat | "animated-png",
): NotScanned {
  const detail = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  if (isMemoryProblem(error)) return refuse("out-of-memory", detail);
  if (hasRunOut(error)) return refuse("timeout", detail);
  if (format === "animated-png") return refuse("hidden-frames", `an animated PNG: ${detail}`);
  return refuse(isTruncated(bytes, format) ? "truncated" : "corrupt", detail);
}

function refuse(reason: UnscannableReason, detail: string): NotScanned {
  return { kind: "unscannable", reason, detail };
}
