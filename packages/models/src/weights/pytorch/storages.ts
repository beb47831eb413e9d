import type { FileHandle } from "node:fs/promises";
import { BYTES_PER_ELEMENT, type TensorDtype } from "../stored-tensor.ts";
import { PickleError } from "./pickle-error.ts";
import { PickleList, type PickleStorage, type PickleValue } from "./pickle-value.ts";
import { readExactly } from "./read-exactly.ts";
import { dtypeOfStorage } from "./storage-types.ts";
import { readPickle } from "./unpickle.ts";
import { listStoredEntries, type StoredEntry } from "./zip-entries.ts";

/** Largest pickle that is read into memory; the weights themselves lie outside of it. */
export const MAX_PICKLE_BYTES = 64 << 20;

/** An opened PyTorch file: the pickled value, and where each storage's bytes lie. */
export interface PytorchContent {
  readonly value: PickleValue;
  /** @throws PickleError when the storage is absent or has another size */
  locate(storage: { key: string; length: number; dtype: TensorDtype }): number;
}

/** Zip format, torch 1.6 and later: `<name>/data.pkl` and `<name>/data/<key>`. */
export async function openZipFormat(file: FileHandle, fileBytes: number): Promise<PytorchContent> {
  const entries = await listStoredEntries(file, fileBytes);
  const pickle = [...entries.values()].find(({ name }) => /^[^/]*\/data\.pkl$/u.test(name));
  if (pickle === undefined) {
    throw new PickleError("the archive holds no data.pkl: not a file written by torch.save");
  }
  const folder = pickle.name.slice(0, -"data.pkl".length);
  await refuseBigEndian(file, entries.get(`${folder}byteorder`));
  const { value } = readPickle(await readPickleEntry(file, pickle));
  return {
    value,
    locate: ({ key, length, dtype }) => {
      const entry = entries.get(`${folder}data/${key}`);
      const expected = length * BYTES_PER_ELEMENT[dtype];
      if (entry === undefined) throw new PickleError(`the archive lacks storage ${key}`);
      if (entry.sizeBytes !== expected) {
        throw new PickleError(
          `storage ${key} should have ${expected} bytes and has ${entry.sizeBytes}`,
        );
      }
      return entry.offset;
    },
  };
}

async function readPickleEntry(file: FileHandle, entry: StoredEntry): Promise<Buffer> {
  if (entry.sizeBytes > MAX_PICKLE_BYTES) {
    throw new PickleError(`data.pkl has ${entry.sizeBytes} bytes, above ${MAX_PICKLE_BYTES}`);
  }
  return await readExactly(file, entry.offset, entry.sizeBytes);
}

async function refuseBigEndian(file: FileHandle, entry: StoredEntry | undefined): Promise<void> {
  if (entry === undefined || entry.sizeBytes > 16) return;
  const order = (await readExactly(file, entry.offset, entry.sizeBytes)).toString("latin1");
  if (order !== "little") {
    throw new PickleError(`expected little-endian tensors, the file says byte order "${order}"`);
  }
}

/** First pickle of the old format, see torch/serialization.py `MAGIC_NUMBER` and `PROTOCOL_VERSION`. */
const OLD_MAGIC = 0x1950a86a20f9469cfc6cn;
const OLD_PROTOCOL = 1001;

/**
 * Old format, torch 0.1 to 1.5: five pickles in a row (magic number, protocol, system information, the object, the list of
 * storage keys), then for each key the number of elements as int64 and the elements.
 */
export async function openOldFormat(file: FileHandle, fileBytes: number): Promise<PytorchContent> {
  const head = await readExactly(file, 0, Math.min(fileBytes, MAX_PICKLE_BYTES));
  let at = 0;
  const next = (): PickleValue => {
    const { value, bytesRead } = readPickle(head.subarray(at));
    at += bytesRead;
    return value;
  };
  if (next() !== OLD_MAGIC) throw new PickleError("not a file written by torch.save");
  const protocol = next();
  if (protocol !== OLD_PROTOCOL) {
    throw new PickleError(
      `expected protocol ${OLD_PROTOCOL}, received ${JSON.stringify(protocol)}`,
    );
  }
  next(); // system information: byte order and type sizes of the writer, little-endian wherever torch runs
  const { value, storages, bytesRead } = readPickle(head.subarray(at));
  at += bytesRead;
  const keys = readKeys(next());
  const places = await placeStorages(file, { keys, storages, start: at });
  return {
    value,
    locate: ({ key }) => {
      const offset = places.get(key);
      if (offset === undefined) throw new PickleError(`the file lacks storage ${key}`);
      return offset;
    },
  };
}

function readKeys(value: PickleValue): string[] {
  const keys = value instanceof PickleList ? value.items : [];
  return keys.map((key) => {
    if (typeof key !== "string") throw new PickleError("expected storage keys to be strings");
    return key;
  });
}

/** Walks over the storages: each is a little-endian int64 count and that many elements of the type its tensors name. */
async function placeStorages(
  file: FileHandle,
  layout: { keys: readonly string[]; storages: ReadonlyMap<string, PickleStorage>; start: number },
): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  let at = layout.start;
  for (const key of layout.keys) {
    const storage = layout.storages.get(key);
    const dtype = dtypeOfStorage(storage?.type ?? "");
    if (storage === undefined || dtype === undefined) {
      throw new PickleError(`storage ${key} has no known type (${storage?.type ?? "unnamed"})`);
    }
    const count = (await readExactly(file, at, 8)).readBigInt64LE(0);
    if (count !== BigInt(storage.length)) {
      throw new PickleError(`storage ${key} should have ${storage.length} elements, has ${count}`);
    }
    places.set(key, at + 8);
    at += 8 + storage.length * BYTES_PER_ELEMENT[dtype];
  }
  return places;
}
