import type { PixelSpec } from "./ports.ts";

/**
 * Two buffers of pixels per stage and spec, shared with the device thread: one is filled while the other one runs. uint8, NHWC, RGB;
 * row i of a spec begins at `i * height * width * 3`.
 */
export interface BatchBuffers {
  readonly rows: number;
  readonly specs: readonly PixelSpec[];
  /** Per buffer, per spec; stage s has buffers 2s and 2s + 1. Empty where no member of the stage takes that spec. */
  readonly memory: readonly (readonly SharedArrayBuffer[])[];
}

/** @param stages per stage the indices of the specs that its members take; left out: one stage that takes all */
export function allocateBatchBuffers(
  specs: readonly PixelSpec[],
  rows: number,
  stages: readonly (readonly number[])[] = [specs.map((_, spec) => spec)],
): BatchBuffers {
  const memory = stages.flatMap((taken) =>
    [0, 1].map(() =>
      specs.map(
        (spec, i) => new SharedArrayBuffer(taken.includes(i) ? rows * bytesPerRow(spec) : 0),
      ),
    ),
  );
  return { rows, specs, memory };
}

export function bytesPerRow({ height, width }: PixelSpec): number {
  return height * width * 3;
}

/** Copies one frame's pixels into a row. @throws RangeError when a decoder gave another size than its spec says */
export function writeRow(
  buffers: BatchBuffers,
  place: { readonly buffer: number; readonly row: number },
  pixels: readonly Uint8Array[],
): void {
  for (const [i, spec] of buffers.specs.entries()) {
    const memory = buffers.memory[place.buffer]?.[i];
    if (memory?.byteLength === 0) continue;
    const source = pixels[i];
    if (memory === undefined || source?.length !== bytesPerRow(spec)) {
      throw new RangeError(
        `expected ${bytesPerRow(spec)} bytes for a row, received ${source?.length ?? 0}`,
      );
    }
    new Uint8Array(memory).set(source, place.row * bytesPerRow(spec));
  }
}
