import { open, type FileHandle } from "node:fs/promises";
import { z } from "zod";
import {
  BYTES_PER_ELEMENT,
  type StoredTensor,
  type TensorDtype,
  type WeightsFile,
} from "./stored-tensor.ts";
import { WeightsFileError } from "./weights-file-error.ts";

/** Longest header that is read, the limit of the format's own library. */
export const MAX_HEADER_BYTES = 100_000_000;

const entrySchema = z.object({
  dtype: z.enum(["F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"]),
  shape: z.array(z.number().int().nonnegative()).max(8),
  data_offsets: z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()]),
});
const headerSchema = z.record(z.string().max(1024), z.unknown());
const metadataSchema = z.record(z.string(), z.string());

export interface SafetensorsFile extends WeightsFile {
  /** Free text pairs of the header. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Opens a safetensors file: an 8-byte little-endian header length, a JSON header, then the numbers. The header is
 * checked (bounds, sizes, no overlaps, no holes) before anything is read; tensors are read one at a time.
 *
 * Format: https://github.com/huggingface/safetensors#format
 * @throws WeightsFileError naming file and reason
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const { header, dataStart } = await readHeader(file, { path, size });
    const { __metadata__: metadata, ...entries } = header;
    const tensors = new Map<string, StoredTensor>();
    const spans: Span[] = [];
    for (const [name, raw] of Object.entries(entries)) {
      const span = checkEntry(raw, { path, name, dataBytes: size - dataStart });
      spans.push(span);
      tensors.set(name, describe(file, { path, dataStart, span }));
    }
    requireGapless(path, spans, size - dataStart);
    return {
      path,
      tensors,
      metadata: metadataSchema.catch({}).parse(metadata),
      [Symbol.asyncDispose]: async () => await file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Span {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

async function readHeader(
  file: FileHandle,
  { path, size }: { path: string; size: number },
): Promise<{ header: Record<string, unknown>; dataStart: number }> {
  if (size < 10)
    throw new WeightsFileError(path, `${size} bytes are too few for a safetensors file`);
  const length = (await readAt(file, { path, at: 0, bytes: 8 })).readBigUInt64LE(0);
  if (length > BigInt(MAX_HEADER_BYTES) || length > BigInt(size - 8)) {
    throw new WeightsFileError(
      path,
      `the header claims ${length} bytes; expected at most ${Math.min(MAX_HEADER_BYTES, size - 8)}: the file is truncated or not safetensors`,
    );
  }
  const text = (await readAt(file, { path, at: 8, bytes: Number(length) })).toString("utf8");
  try {
    return { header: headerSchema.parse(JSON.parse(text)), dataStart: 8 + Number(length) };
  } catch (error) {
    throw new WeightsFileError(path, "the header is not a JSON object of tensors", {
      cause: error,
    });
  }
}

function checkEntry(
  raw: unknown,
  { path, name, dataBytes }: { path: string; name: string; dataBytes: number },
): Span {
  const entry = entrySchema.safeParse(raw);
  if (!entry.success) {
    const problem = entry.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ");
    throw new WeightsFileError(path, `tensor ${name} is described wrongly (${problem})`);
  }
  const { dtype, shape } = entry.data;
  const [begin, end] = entry.data.data_offsets;
  const expected = shape.reduce((a, b) => a * b, BYTES_PER_ELEMENT[dtype]);
  if (end - begin !== expected || end > dataBytes) {
    throw new WeightsFileError(
      path,
      `tensor ${name} of shape [${shape.join(", ")}] needs ${expected} bytes and has bytes ${begin} to ${end} of ${dataBytes}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** The format wants the tensors to fill the file: no overlaps, no holes that could hide something, nothing behind. */
function requireGapless(path: string, spans: readonly Span[], dataBytes: number): void {
  const sorted = spans.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  let end = 0;
  let before = "the header";
  for (const span of sorted) {
    if (span.begin < end)
      throw new WeightsFileError(path, `tensors ${before} and ${span.name} overlap`);
    if (span.begin > end) {
      throw new WeightsFileError(
        path,
        `${span.begin - end} bytes between ${before} and ${span.name} belong to no tensor`,
      );
    }
    end = span.end;
    before = span.name;
  }
  if (end !== dataBytes) {
    throw new WeightsFileError(
      path,
      `${dataBytes - end} bytes behind ${before} belong to no tensor`,
    );
  }
}

function describe(
  file: FileHandle,
  { path, dataStart, span }: { path: string; dataStart: number; span: Span },
): StoredTensor {
  const { name, dtype, shape, begin, end } = span;
  return {
    name,
    dtype,
    shape,
    readBytes: async () => await readAt(file, { path, at: dataStart + begin, bytes: end - begin }),
  };
}

async function readAt(
  file: FileHandle,
  { path, at, bytes }: { path: string; at: number; bytes: number },
): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  let done = 0;
  while (done < bytes) {
    const { bytesRead } = await file.read(buffer, done, bytes - done, at + done);
    if (bytesRead === 0) throw new WeightsFileError(path, `the file ends at byte ${at + done}`);
    done += bytesRead;
  }
  return buffer;
}
