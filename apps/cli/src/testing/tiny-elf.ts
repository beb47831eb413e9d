const TAG = { needed: 1n, strings: 5n, stringsSize: 10n, runpath: 29n } as const;
const HEADER = 64;
const SEGMENT = 56;
/** The library is loaded as a whole, at an address of its own. */
const BASE = 0x10000;

/** A shared library with nothing in it but what it needs: ELF-64, little-endian, one loaded and one dynamic segment. */
export function encodeTinyElf({
  needed,
  runpath,
}: {
  readonly needed: readonly string[];
  readonly runpath?: string;
}): Buffer {
  const names = ["", ...needed, ...(runpath === undefined ? [] : [runpath])];
  const offsets: number[] = [];
  let strings = Buffer.alloc(0);
  for (const name of names) {
    offsets.push(strings.length);
    strings = Buffer.concat([strings, Buffer.from(`${name}\0`)]);
  }
  const stringsAt = HEADER + 2 * SEGMENT;
  const dynamicAt = stringsAt + strings.length;
  const entries: [bigint, number][] = [
    ...needed.map((_, i): [bigint, number] => [TAG.needed, offsets.at(i + 1) ?? 0]),
    ...(runpath === undefined ? [] : ([[TAG.runpath, offsets.at(-1) ?? 0]] as [bigint, number][])),
    [TAG.strings, BASE + stringsAt],
    [TAG.stringsSize, strings.length],
    [0n, 0],
  ];
  const dynamic = Buffer.concat(entries.map(([tag, value]) => pair(tag, BigInt(value))));
  const size = dynamicAt + dynamic.length;
  return Buffer.concat([
    header(),
    segment(1, { offset: 0, address: BASE, size }),
    segment(2, { offset: dynamicAt, address: BASE + dynamicAt, size: dynamic.length }),
    strings,
    dynamic,
  ]);
}

function header(): Buffer {
  const bytes = Buffer.alloc(HEADER);
  bytes.write("\u007FELF\u0002\u0001\u0001", "latin1");
  bytes.writeUInt16LE(3, 16); // a shared object
  bytes.writeUInt16LE(62, 18); // x86-64
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(HEADER), 32);
  bytes.writeUInt16LE(HEADER, 52);
  bytes.writeUInt16LE(SEGMENT, 54);
  bytes.writeUInt16LE(2, 56);
  return bytes;
}

function segment(
  type: number,
  { offset, address, size }: { offset: number; address: number; size: number },
): Buffer {
  const bytes = Buffer.alloc(SEGMENT);
  bytes.writeUInt32LE(type, 0);
  bytes.writeBigUInt64LE(BigInt(offset), 8);
  bytes.writeBigUInt64LE(BigInt(address), 16);
  bytes.writeBigUInt64LE(BigInt(size), 32);
  bytes.writeBigUInt64LE(BigInt(size), 40);
  return bytes;
}

function pair(tag: bigint, value: bigint): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(tag, 0);
  bytes.writeBigUInt64LE(value, 8);
  return bytes;
}
