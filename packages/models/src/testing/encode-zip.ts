import { crc32, deflateRawSync } from "node:zlib";

export interface ZipFileEntry {
  readonly name: string;
  readonly content: Buffer;
  /** Deflated, as ordinary archives are and torch's never. */
  readonly isCompressed?: boolean;
  /** Instead of this entry's own bytes, those of the entry with this number: one kernel for many entries. */
  readonly sharesBytesOf?: number;
}

/** A zip archive for tests, and as hostile as its entries say. Field layout: PKWARE APPNOTE 6.3.10, sections 4.3.7 to 4.3.16. */
export function encodeZip(entries: readonly ZipFileEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const offsets: number[] = [];
  let at = 0;
  for (const entry of entries) {
    const { name, content, isCompressed = false, sharesBytesOf } = entry;
    const data = isCompressed ? deflateRawSync(content) : content;
    const shared = sharesBytesOf === undefined ? undefined : offsets[sharesBytesOf];
    offsets.push(shared ?? at);
    const common = describe(name, { data, content, isCompressed });
    const version = Buffer.from([20, 0]);
    if (shared === undefined) {
      const local = [Buffer.from("PK\x03\x04"), version, common, Buffer.from(name), data];
      parts.push(...local);
      at += local.reduce((sum, part) => sum + part.length, 0);
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(shared ?? at - data.length - 30 - name.length, 10);
    directory.push(Buffer.from("PK\x01\x02"), version, version, common, tail, Buffer.from(name));
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, central, end]);
}

/** What local headers and the directory share: flags, method, time, date, CRC, both sizes, lengths of name and extra. */
function describe(
  name: string,
  { data, content, isCompressed }: { data: Buffer; content: Buffer; isCompressed: boolean },
): Buffer {
  const fields = Buffer.alloc(24);
  fields.writeUInt16LE(isCompressed ? 8 : 0, 2);
  fields.writeUInt32LE(crc32(content), 8);
  fields.writeUInt32LE(data.length, 12);
  fields.writeUInt32LE(content.length, 16);
  fields.writeUInt16LE(name.length, 20);
  return fields;
}
