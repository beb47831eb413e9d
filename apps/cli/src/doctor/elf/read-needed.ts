import { open, type FileHandle } from "node:fs/promises";

/** What a shared library asks of the dynamic loader. */
export interface NeededLibraries {
  /** DT_NEEDED, in order: names such as `libcudart.so.13`. */
  readonly needed: readonly string[];
  /** DT_RUNPATH, or DT_RPATH where there is none: folders, `$ORIGIN` not replaced yet. */
  readonly searchPath: readonly string[];
}

/** System V ABI, ELF-64, little-endian: what Linux on x86-64 and ARM64 uses. */
const HEADER_BYTES = 64;
const SECTION_TYPE = { loaded: 1, dynamic: 2 } as const;
const TAG = {
  end: 0n,
  needed: 1n,
  strings: 5n,
  stringsSize: 10n,
  rpath: 15n,
  runpath: 29n,
} as const;
/** Far above any real library; a damaged one must not make us read for ever. */
const LIMITS = {
  segments: 512,
  dynamicBytes: 1 << 20,
  stringBytes: 16 << 20,
  nameBytes: 4096,
} as const;

/**
 * Reads which libraries a library needs. Only its headers, its dynamic section and their strings are read.
 *
 * @returns null when it is no such ELF file, or damaged
 * @throws what the file system throws
 */
export async function readNeeded(path: string): Promise<NeededLibraries | null> {
  await using file = await open(path);
  const segments = await readSegments(file);
  const dynamic = segments?.find(({ type }) => type === SECTION_TYPE.dynamic);
  if (segments === null || dynamic === undefined || dynamic.size > LIMITS.dynamicBytes) return null;
  const bytes = await readAt(file, dynamic.offset, dynamic.size);
  if (bytes === null) return null;
  const entries = readEntries(bytes);
  const strings = await readStrings(file, { entries, segments });
  return strings === null ? null : namesIn(entries, strings);
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  /** Where it lies in memory. */
  readonly address: number;
  /** In the file. */
  readonly size: number;
}

async function readSegments(file: FileHandle): Promise<readonly Segment[] | null> {
  const header = await readAt(file, 0, HEADER_BYTES);
  if (header === null || header.toString("latin1", 0, 6) !== "\u007FELF\u0002\u0001") return null;
  const tableAt = Number(header.readBigUInt64LE(32));
  const entryBytes = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  if (entryBytes < 56 || count > LIMITS.segments) return null;
  const table = await readAt(file, tableAt, entryBytes * count);
  if (table === null) return null;
  return Array.from({ length: count }, (_, i) => {
    const at = i * entryBytes;
    return {
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      size: Number(table.readBigUInt64LE(at + 32)),
    };
  });
}

interface Entry {
  readonly tag: bigint;
  readonly value: number;
}

function readEntries(bytes: Buffer): readonly Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    const tag = bytes.readBigInt64LE(at);
    if (tag === TAG.end) break;
    entries.push({ tag, value: Number(bytes.readBigUInt64LE(at + 8)) });
  }
  return entries;
}

/** The string table's address is one in memory; the segment that is loaded there says where it lies in the file. */
async function readStrings(
  file: FileHandle,
  { entries, segments }: { entries: readonly Entry[]; segments: readonly Segment[] },
): Promise<Buffer | null> {
  const address = entries.find(({ tag }) => tag === TAG.strings)?.value;
  const size = entries.find(({ tag }) => tag === TAG.stringsSize)?.value;
  if (address === undefined || size === undefined || size > LIMITS.stringBytes) return null;
  const home = segments.find(
    (segment) =>
      segment.type === SECTION_TYPE.loaded &&
      address >= segment.address &&
      address + size <= segment.address + segment.size,
  );
  return home === undefined ? null : await readAt(file, home.offset + address - home.address, size);
}

function namesIn(entries: readonly Entry[], strings: Buffer): NeededLibraries | null {
  const read = (tag: bigint): (string | null)[] =>
    entries.filter((entry) => entry.tag === tag).map(({ value }) => stringAt(strings, value));
  const needed = read(TAG.needed);
  const runpath = read(TAG.runpath);
  const paths = runpath.length > 0 ? runpath : read(TAG.rpath);
  if (needed.includes(null) || paths.includes(null)) return null;
  return {
    needed: needed.filter((name) => name !== null),
    searchPath: paths.flatMap((path) => (path ?? "").split(":")).filter((path) => path !== ""),
  };
}

function stringAt(strings: Buffer, at: number): string | null {
  const end = strings.indexOf(0, at);
  if (at >= strings.length || end === -1 || end === at || end - at > LIMITS.nameBytes) return null;
  return strings.toString("utf8", at, end);
}

/** Null when the file ends before. */
async function readAt(file: FileHandle, offset: number, size: number): Promise<Buffer | null> {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(size) || size === 0) return null;
  const { bytesRead, buffer } = await file.read(Buffer.alloc(size), 0, size, offset);
  return bytesRead === size ? buffer : null;
}
