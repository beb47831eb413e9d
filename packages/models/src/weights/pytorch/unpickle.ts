import { PickleError } from "./pickle-error.ts";
import { callGlobal, isAllowedGlobal, setEntry, toIndex } from "./pickle-globals.ts";
import { PickleReader } from "./pickle-reader.ts";
import {
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleOpaque,
  PickleStorage,
  PickleTensor,
  PickleTuple,
  type PickleValue,
} from "./pickle-value.ts";

/** Most operations in one pickle; ResNet-152 with optimizer state needs about 60,000. */
export const MAX_PICKLE_OPERATIONS = 5_000_000;
/** Most values on the stack or in the memo at one time. */
export const MAX_PICKLE_DEPTH = 1_000_000;

/**
 * Reads one pickle (protocols 0 to 5, the part that torch.save uses) as inert data.
 *
 * This is a reader, not an unpickler: it never imports, calls or builds anything that the file names. A global
 * that is not on the allow-list of `pickle-globals.ts` is refused by name.
 *
 * @returns the value, the storages it names by key, and how many bytes it took (older files hold several pickles)
 * @throws PickleError naming the offending operation, global or limit
 */
export function readPickle(bytes: Uint8Array): {
  value: PickleValue;
  storages: ReadonlyMap<string, PickleStorage>;
  bytesRead: number;
} {
  const machine = new PickleMachine(bytes);
  return { value: machine.run(), storages: machine.storages, bytesRead: machine.position };
}

type Slot = PickleValue | typeof MARK;
const MARK = Symbol("mark");

/**
 * The pickle virtual machine: a stack of inert values and a memo. Between two operations the stack holds only values and
 * marks; `STOP` ends with exactly the top value. Every operation that is not listed in `#step` ends the reading.
 */
class PickleMachine {
  readonly #reader: PickleReader;
  readonly #stack: Slot[] = [];
  readonly #memo = new Map<number, PickleValue>();
  /** Every storage named so far; two names of one key must agree. */
  readonly storages: Map<string, PickleStorage> = new Map();

  constructor(bytes: Uint8Array) {
    this.#reader = new PickleReader(bytes);
  }

  get position(): number {
    return this.#reader.position;
  }

  run(): PickleValue {
    for (let count = 0; count < MAX_PICKLE_OPERATIONS; count++) {
      const opcode = this.#reader.uint8();
      if (opcode === 0x2e) return this.#pop(); // STOP
      if (!this.#pushScalar(opcode) && !this.#collect(opcode)) this.#remember(opcode);
      if (this.#stack.length > MAX_PICKLE_DEPTH || this.#memo.size > MAX_PICKLE_DEPTH) {
        throw new PickleError(`the pickle holds more than ${MAX_PICKLE_DEPTH} values at a time`);
      }
    }
    throw new PickleError(`the pickle has more than ${MAX_PICKLE_OPERATIONS} operations`);
  }

  /** Operations that push one value read from the bytes. */
  #pushScalar(opcode: number): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case 0x4e:
        return this.#push(null); // NONE
      case 0x88:
        return this.#push(true); // NEWTRUE
      case 0x89:
        return this.#push(false); // NEWFALSE
      case 0x4b:
        return this.#push(reader.uint8()); // BININT1
      case 0x4d:
        return this.#push(reader.uint16()); // BININT2
      case 0x4a:
        return this.#push(reader.int32()); // BININT
      case 0x8a:
        return this.#push(reader.long(reader.uint8())); // LONG1
      case 0x8b:
        return this.#push(reader.long(reader.uint32())); // LONG4
      case 0x47:
        return this.#push(reader.float64BigEndian()); // BINFLOAT
      case 0x58:
        return this.#push(reader.text(reader.uint32())); // BINUNICODE
      case 0x8c:
        return this.#push(reader.text(reader.uint8())); // SHORT_BINUNICODE
      case 0x8d:
        return this.#push(reader.text(reader.uint64())); // BINUNICODE8
      case 0x55:
        return this.#push(reader.text(reader.uint8())); // SHORT_BINSTRING
      case 0x54:
        return this.#push(reader.text(reader.uint32())); // BINSTRING
      case 0x43:
        return this.#push(reader.bytes(reader.uint8())); // SHORT_BINBYTES
      case 0x42:
        return this.#push(reader.bytes(reader.uint32())); // BINBYTES
      case 0x8e:
        return this.#push(reader.bytes(reader.uint64())); // BINBYTES8
      case 0x7d:
        return this.#push(new PickleDict()); // EMPTY_DICT
      case 0x5d:
      case 0x8f:
        return this.#push(new PickleList()); // EMPTY_LIST, EMPTY_SET
      case 0x29:
        return this.#push(new PickleTuple([])); // EMPTY_TUPLE
      case 0x63:
        return this.#push(this.#global(reader.line(), reader.line())); // GLOBAL
      default:
        return false;
    }
  }

  /** Operations that take values from the stack and push what they make. */
  #collect(opcode: number): boolean {
    switch (opcode) {
      case 0x28:
        this.#stack.push(MARK);
        return true; // MARK
      case 0x85:
        return this.#push(new PickleTuple(this.#popMany(1))); // TUPLE1
      case 0x86:
        return this.#push(new PickleTuple(this.#popMany(2))); // TUPLE2
      case 0x87:
        return this.#push(new PickleTuple(this.#popMany(3))); // TUPLE3
      case 0x74:
        return this.#push(new PickleTuple(this.#popToMark())); // TUPLE
      case 0x61:
        return this.#append(this.#popMany(1)); // APPEND
      case 0x65:
      case 0x90:
        return this.#append(this.#popToMark()); // APPENDS, ADDITEMS
      case 0x73:
        return this.#setItems(this.#popMany(2)); // SETITEM
      case 0x75:
        return this.#setItems(this.#popToMark()); // SETITEMS
      case 0x93:
        return this.#stackGlobal(); // STACK_GLOBAL
      case 0x51:
        return this.#push(this.#storage(readPersistentId(this.#pop()))); // BINPERSID
      case 0x52:
      case 0x81:
        return this.#reduce(); // REDUCE, NEWOBJ
      case 0x62:
        return this.#build(); // BUILD
      case 0x30:
        this.#pop();
        return true; // POP
      default:
        return false;
    }
  }

  /** Memo, protocol and framing; anything unknown ends the reading here. */
  #remember(opcode: number): void {
    const reader = this.#reader;
    switch (opcode) {
      case 0x80:
        reader.uint8();
        return; // PROTO
      case 0x95:
        reader.uint64();
        return; // FRAME
      case 0x71:
        this.#memo.set(reader.uint8(), this.#top());
        return; // BINPUT
      case 0x72:
        this.#memo.set(reader.uint32(), this.#top());
        return; // LONG_BINPUT
      case 0x94:
        this.#memo.set(this.#memo.size, this.#top());
        return; // MEMOIZE
      case 0x68:
        this.#push(this.#recall(reader.uint8()));
        return; // BINGET
      case 0x6a:
        this.#push(this.#recall(reader.uint32()));
        return; // LONG_BINGET
      default:
        throw new PickleError(
          `the pickle uses operation 0x${opcode.toString(16).padStart(2, "0")} at byte ${reader.position - 1}, which no state dict needs`,
        );
    }
  }

  #reduce(): boolean {
    const args = this.#pop();
    const callee = this.#pop();
    if (!(callee instanceof PickleGlobal) || !(args instanceof PickleTuple)) {
      throw new PickleError("the pickle calls something that is not a named global");
    }
    return this.#push(callGlobal(callee.path, args.items));
  }

  /** BUILD sets attributes; only OrderedDict's `_metadata` and numpy's dtype state are known, both are ignored. */
  #build(): boolean {
    this.#pop();
    const target = this.#top();
    if (
      target instanceof PickleDict ||
      target instanceof PickleOpaque ||
      target instanceof PickleTensor
    ) {
      return true;
    }
    throw new PickleError("the pickle sets attributes of an object that no state dict has");
  }

  #stackGlobal(): boolean {
    const name = this.#pop();
    const module = this.#pop();
    if (typeof module !== "string" || typeof name !== "string") {
      throw new PickleError("expected a global to be named by two strings");
    }
    return this.#push(this.#global(module, name));
  }

  #global(module: string, name: string): PickleGlobal {
    const path = `${module}.${name}`;
    if (isAllowedGlobal(path)) return new PickleGlobal(path);
    throw new PickleError(
      `the pickle names ${JSON.stringify(path.slice(0, 200))}, which is not on the allow-list of a state dict; save the weights alone, torch.save(model.state_dict(), …), or as safetensors`,
    );
  }

  #append(values: readonly PickleValue[]): boolean {
    const list = this.#top();
    if (!(list instanceof PickleList)) throw new PickleError("expected a list to append to");
    for (const value of values) list.items.push(value);
    return true;
  }

  #setItems(values: readonly PickleValue[]): boolean {
    const dict = this.#top();
    if (!(dict instanceof PickleDict) || values.length % 2 !== 0) {
      throw new PickleError("expected a dictionary and pairs to set");
    }
    for (let i = 0; i < values.length; i += 2) {
      setEntry(dict, values[i] ?? null, values[i + 1] ?? null);
    }
    return true;
  }

  #storage(storage: PickleStorage): PickleStorage {
    const known = this.storages.get(storage.key);
    if (known !== undefined && (known.type !== storage.type || known.length !== storage.length)) {
      throw new PickleError(`the pickle describes storage ${storage.key} in two ways`);
    }
    this.storages.set(storage.key, storage);
    return storage;
  }

  #recall(index: number): PickleValue {
    const value = this.#memo.get(index);
    if (value === undefined)
      throw new PickleError(`the pickle reads memo ${index} before it is set`);
    return value;
  }

  #push(value: PickleValue): true {
    this.#stack.push(value);
    return true;
  }

  #pop(): PickleValue {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) throw new PickleError("the pickle's stack is empty");
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (value === undefined || value === MARK) throw new PickleError("the pickle's stack is empty");
    return value;
  }

  #popMany(count: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let i = 0; i < count; i++) values.unshift(this.#pop());
    return values;
  }

  #popToMark(): PickleValue[] {
    const at = this.#stack.lastIndexOf(MARK);
    if (at === -1) throw new PickleError("the pickle closes a group that it never opened");
    const values = this.#stack.splice(at).slice(1);
    return values.filter((value): value is PickleValue => value !== MARK);
  }
}

/** `("storage", type, key, location, length[, view])`, see torch/serialization.py `persistent_load`. */
function readPersistentId(id: PickleValue): PickleStorage {
  const [tag, type, key, , length, view] = id instanceof PickleTuple ? id.items : [];
  if (tag !== "storage" || !(type instanceof PickleGlobal) || typeof key !== "string") {
    throw new PickleError("expected a persistent id to name a storage, its type and its key");
  }
  if (view !== undefined && view !== null) {
    throw new PickleError("the file shares one storage between views, as torch before 0.4 did");
  }
  return new PickleStorage(
    type.path.split(".").at(-1) ?? "",
    key,
    toIndex(length, "storage length"),
  );
}
