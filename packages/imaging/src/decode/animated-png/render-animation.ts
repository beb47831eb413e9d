import type { PixelSpec } from "@sluice/inference";
import sharp, { type Raw } from "sharp";
import { deriveAll, open, type FrameSource } from "../render-frames.ts";
import { readPixels } from "../rgb-pixels.ts";
import type { FrameControl } from "./frame-control.ts";
import type { AnimatedPng, AnimationFrame } from "./read-animated-png.ts";

/** Uint8, HWC, RGBA with straight alpha, sRGB. */
type Rgba = Buffer;

/**
 * The frames of an animated PNG as viewers show them, each as the pixels of every spec: the canvas begins transparent, each frame
 * replaces its place on it or is laid over it, and is disposed of before the next one. A default image that is no frame comes last.
 *
 * @param numbers of the frames that somebody looks at, ascending
 */
export async function renderAnimation(
  source: FrameSource,
  parts: {
    readonly animation: AnimatedPng;
    readonly specs: readonly PixelSpec[];
    readonly numbers: readonly number[];
  },
): Promise<Uint8Array[][]> {
  const { animation, specs } = parts;
  const { width, height, frames } = animation;
  const wanted = new Set(parts.numbers);
  const last = Math.max(...parts.numbers);
  const size = { width, height, channels: 4 } as const;
  const rendered: Uint8Array[][] = [];
  let canvas: Rgba = Buffer.alloc(width * height * 4);
  for (const [number, frame] of frames.entries()) {
    if (number > last) break;
    const shown = await draw(canvas, frame, { size, source });
    if (wanted.has(number)) {
      const pixels = { data: shown, width, height, channels: 4 } as const;
      rendered.push(await deriveAll(pixels, specs));
    }
    canvas = dispose({ before: canvas, shown }, { canvasWidth: width, control: frame.control });
  }
  if (animation.hasOtherDefault && wanted.has(frames.length)) {
    const pixels = await readPixels(open(source, { page: 0, pages: 1 }, { ignoreIcc: false }));
    rendered.push(await deriveAll(pixels, specs));
  }
  return rendered;
}

interface Drawing {
  readonly size: Raw;
  readonly source: FrameSource;
}

/** @returns a canvas of its own; the one given stays as it is */
async function draw(canvas: Rgba, frame: AnimationFrame, { size, source }: Drawing): Promise<Rgba> {
  const { left, top, width, height, blend } = frame.control;
  const pixels = await readRgba({ ...source, bytes: frame.encode() }, width * height);
  if (blend === "over") {
    const raw = { width, height, channels: 4 } as const;
    const above = { input: pixels, raw, left, top, blend: "over" } as const;
    return await sharp(canvas, { raw: size })
      .composite([above])
      .timeout({ seconds: source.deadline.secondsLeft() })
      .raw()
      .toBuffer();
  }
  const shown = Buffer.from(canvas);
  for (let row = 0; row < height; row++) {
    pixels.copy(
      shown,
      ((top + row) * size.width + left) * 4,
      row * width * 4,
      (row + 1) * width * 4,
    );
  }
  return shown;
}

async function readRgba(source: FrameSource, pixels: number): Promise<Rgba> {
  const image = open(source, { page: 0, pages: 1 }, { ignoreIcc: false });
  const data = await image.ensureAlpha().raw({ depth: "uchar" }).toBuffer();
  if (data.length === pixels * 4) return data;
  throw new RangeError(`expected ${pixels * 4} bytes of RGBA, received ${data.length}`);
}

/** The canvas that the next frame is drawn on; the one shown is not needed any more. */
function dispose(
  { before, shown }: { readonly before: Rgba; readonly shown: Rgba },
  { canvasWidth, control }: { readonly canvasWidth: number; readonly control: FrameControl },
): Rgba {
  const { left, top, width, height, disposal } = control;
  switch (disposal) {
    case "keep":
      return shown;
    case "restore":
      return before;
    case "clear":
      for (let row = top; row < top + height; row++) {
        const from = (row * canvasWidth + left) * 4;
        shown.fill(0, from, from + width * 4);
      }
      return shown;
    default:
      return disposal satisfies never;
  }
}
