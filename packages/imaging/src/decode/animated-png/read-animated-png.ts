import { parseFrameControl, type FrameControl } from "./frame-control.ts";
import { HiddenFramesError } from "./hidden-frames-error.ts";
import { encodeChunk, PNG_SIGNATURE, readChunks, type PngChunk } from "./png-chunks.ts";

export interface AnimatedPng {
  readonly width: number;
  readonly height: number;
  readonly isInterlaced: boolean;
  /** At least one. */
  readonly frames: readonly AnimationFrame[];
  /**
   * Whether the default image is none of the frames: viewers that know no animation show it, and the others do not.
   */
  readonly hasOtherDefault: boolean;
}

export interface AnimationFrame {
  readonly control: FrameControl;
  /** Its pixels as a PNG of their own. */
  encode(): Buffer;
}

/** Of a file; a frame has a handful each. */
const MAX_CHUNKS = 65_536;

/**
 * Takes an animated PNG apart. What the specification forbids is refused, as viewers differ in what they show of it.
 *
 * @param maxFrames reading ends after one more than these: the picture is refused anyway
 * @throws HiddenFramesError when the frames are not exactly as the specification has them
 */
export function readAnimatedPng(bytes: Buffer, maxFrames: number): AnimatedPng {
  const reader = new AnimationReader();
  let chunks = 0;
  for (const chunk of readChunks(bytes)) {
    chunks += 1;
    if (chunks > MAX_CHUNKS) throw new HiddenFramesError(`more than ${MAX_CHUNKS} chunks`);
    if (!chunk.isIntact) throw new HiddenFramesError(`the checksum of ${chunk.type} is wrong`);
    reader.read(chunk);
    if (reader.frames > maxFrames) break;
  }
  return reader.finish(maxFrames);
}

/** How many pictures there are to look at, whoever looks. */
export function countFrames({ frames, hasOtherDefault }: AnimatedPng): number {
  return frames.length + (hasOtherDefault ? 1 : 0);
}

/** Chunks that every frame needs beside its own data: they say what its samples mean. */
const SHARED = new Set(["PLTE", "tRNS", "iCCP", "sRGB", "gAMA", "cHRM"]);
const CRITICAL = new Set(["IHDR", "PLTE", "IDAT", "IEND"]);
const HEADER_BYTES = 13;

interface OpenFrame {
  readonly control: FrameControl;
  readonly data: Buffer[];
}

/**
 * States: before IDAT (header, shared chunks, `acTL`, perhaps the first frame's control), IDAT, frames, ended. Every frame is the
 * control that was read last and the data that follow it; IDAT is the first frame's data if a control came before it.
 */
class AnimationReader {
  #header: Buffer | null = null;
  /** What `acTL` says; null before it. */
  #promised: number | null = null;
  readonly #shared: Buffer[] = [];
  readonly #frames: OpenFrame[] = [];
  #hasOtherDefault = false;
  #wasIdat = false;
  #isIdatOver = false;
  #isEnded = false;
  #sequence = 0;

  get frames(): number {
    return this.#frames.length;
  }

  read(chunk: PngChunk): void {
    if (this.#wasIdat && chunk.type !== "IDAT") this.#isIdatOver = true;
    switch (chunk.type) {
      case "IHDR":
        return this.#readHeader(chunk.data);
      case "acTL":
        return this.#readPromise(chunk.data);
      case "fcTL":
        return this.#beginFrame(chunk.data);
      case "IDAT":
        return this.#readImageData(chunk.data);
      case "fdAT":
        return this.#readFrameData(chunk.data);
      case "IEND":
        this.#isEnded = true;
        return;
      default:
        return this.#readOther(chunk);
    }
  }

  finish(maxFrames: number): AnimatedPng {
    const frames = this.#frames;
    const header = this.#requireHeader();
    const isTooMany = frames.length > maxFrames;
    if (!isTooMany && !this.#isEnded) throw new HiddenFramesError("it is cut off");
    if (!isTooMany && frames.length !== this.#promised) {
      throw new HiddenFramesError(`${frames.length} frames, ${this.#promised ?? 0} in its header`);
    }
    const [first] = frames;
    if (first === undefined) throw new HiddenFramesError("it has no frame");
    if (!isTooMany && frames.some(({ data }) => data.length === 0)) {
      throw new HiddenFramesError("a frame has no data");
    }
    return {
      ...sizeOf(header),
      isInterlaced: header.readUInt8(12) === 1,
      hasOtherDefault: this.#hasOtherDefault,
      frames: frames.map((frame) => ({
        control: frame.control,
        encode: () => this.#encode(header, frame),
      })),
    };
  }

  #readHeader(data: Buffer): void {
    if (this.#header !== null || data.length !== HEADER_BYTES) {
      throw new HiddenFramesError("its header is malformed");
    }
    this.#header = data;
  }

  #readPromise(data: Buffer): void {
    if (this.#promised !== null || this.#wasIdat || data.length !== 8) {
      throw new HiddenFramesError("its animation header is malformed");
    }
    this.#promised = data.readUInt32BE(0);
  }

  #beginFrame(data: Buffer): void {
    const canvas = sizeOf(this.#requireHeader());
    const control = parseFrameControl(data, canvas);
    this.#expect(control.sequence);
    const isFirst = !this.#wasIdat;
    const isWhole = control.width === canvas.width && control.height === canvas.height;
    if (isFirst && (this.#frames.length > 0 || !isWhole)) {
      throw new HiddenFramesError("its default image is no whole frame");
    }
    if (this.#frames.at(-1)?.data.length === 0) throw new HiddenFramesError("a frame has no data");
    this.#frames.push({ control, data: [] });
  }

  #readImageData(data: Buffer): void {
    if (this.#isIdatOver) throw new HiddenFramesError("its image data are not in one piece");
    this.#wasIdat = true;
    const [first] = this.#frames;
    this.#hasOtherDefault = first === undefined;
    first?.data.push(data);
  }

  #readFrameData(data: Buffer): void {
    const frame = this.#frames.at(-1);
    if (data.length < 4 || frame === undefined || !this.#wasIdat) {
      throw new HiddenFramesError("data of a frame stand where none may");
    }
    this.#expect(data.readUInt32BE(0));
    if (frame === this.#frames[0] && !this.#hasOtherDefault) {
      throw new HiddenFramesError("the first frame has two kinds of data");
    }
    frame.data.push(data.subarray(4));
  }

  #readOther({ type, data }: PngChunk): void {
    const isCritical = type.charAt(0) === type.charAt(0).toUpperCase();
    if (isCritical && !CRITICAL.has(type)) throw new HiddenFramesError(`unknown chunk ${type}`);
    if (type === "eXIf") throw new HiddenFramesError("an animation that may be turned by EXIF");
    if (SHARED.has(type) && !this.#wasIdat) this.#shared.push(encodeChunk(type, data));
  }

  /** Controls and data of frames are numbered together, without a gap. */
  #expect(sequence: number): void {
    if (sequence !== this.#sequence) {
      throw new HiddenFramesError(`chunk ${sequence} stands where ${this.#sequence} should`);
    }
    this.#sequence += 1;
  }

  #requireHeader(): Buffer {
    if (this.#header === null) throw new HiddenFramesError("it has no header");
    return this.#header;
  }

  #encode(header: Buffer, { control, data }: OpenFrame): Buffer {
    const own = Buffer.from(header);
    own.writeUInt32BE(control.width, 0);
    own.writeUInt32BE(control.height, 4);
    return Buffer.concat([
      PNG_SIGNATURE,
      encodeChunk("IHDR", own),
      ...this.#shared,
      encodeChunk("IDAT", Buffer.concat(data)),
      encodeChunk("IEND", Buffer.alloc(0)),
    ]);
  }
}

function sizeOf(header: Buffer): { width: number; height: number } {
  return { width: header.readUInt32BE(0), height: header.readUInt32BE(4) };
}
