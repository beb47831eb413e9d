import type { PixelSpec } from "./ports.ts";

/**
 * Two buffers of pixels per spec, shared with the device thread: one is filled while the other one runs. uint8, NHWC, RGB;
 * row i of a spec begins at `i * height * width * 3`.
 */
export interface BatchBuffers {
  readonly rows: number;
  readonly specs: readonly PixelSpec[];
  /** Per buffer, per spec. */
  readonly memory: readonly (readonly SharedArrayBuffer[])[];
}

export function allocateBatchBuffers(specs: readonly PixelSpec[], rows: number): BatchBuffers {
  const allocate = (): SharedArrayBuffer[] =>
    specs.map((spec) => new SharedArrayBuffer(rows * bytesPerRow(spec)));
  return { rows, specs, memory: [allocate(), allocate()] };
}

export function bytesPerRow({ height, width }: PixelSpec): number {
  return height * width * 3;
}

/** Copies one frame's pixels into a row. @throws RangeError when a decoder gave another size than its spec says */
export function writeRow(
  buffers: BatchBuffers,
  place: { readonly buffer: 0 | 1; readonly row: number },
  pixels: readonly Uint8Array[],
): void {
  for (const [i, spec] of buffers.specs.entries()) {
    const memory = buffers.memory[place.buffer]?.[i];
    const source = pixels[i];
    if (memory === undefined || source?.length !== bytesPerRow(spec)) {
      throw new RangeError(
        `expected ${bytesPerRow(spec)} bytes for a row, received ${source?.length ?? 0}`,
      );
    }
    new Uint8Array(memory).set(source, place.row * bytesPerRow(spec));
  }
}
