/**
 * What a pickle may hold here: inert data only. A global of the allow-list is a name, never something
 * that runs; what it builds is decided by `pickle-globals.ts`.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleList
  | PickleTuple
  | PickleDict
  | PickleGlobal
  | PickleTensor
  | PickleStorage
  | PickleOpaque;

export class PickleList {
  readonly items: PickleValue[] = [];
}

export class PickleTuple {
  readonly items: readonly PickleValue[];
  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** dict and OrderedDict. Keys that a state dict never has (objects, floats) are refused when they are set. */
export class PickleDict {
  readonly entries: Map<string | number, PickleValue> = new Map();
}

/** `module.name`, already checked against the allow-list. */
export class PickleGlobal {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}

/** A storage named by a persistent id: numbers of one type that lie elsewhere in the file. */
export class PickleStorage {
  /** `FloatStorage`, `HalfStorage`, … as torch names them, or a dtype name for untyped storages. */
  readonly type: string;
  readonly key: string;
  /** Number of elements. */
  readonly length: number;
  constructor(type: string, key: string, length: number) {
    this.type = type;
    this.key = key;
    this.length = length;
  }
}

/** A view of a storage: offset and strides in elements. */
export class PickleTensor {
  readonly storage: PickleStorage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  constructor(view: {
    storage: PickleStorage;
    offset: number;
    shape: readonly number[];
    strides: readonly number[];
  }) {
    this.storage = view.storage;
    this.offset = view.offset;
    this.shape = view.shape;
    this.strides = view.strides;
  }
}

/** Something allowed whose content does not matter to weights (a numpy dtype, a device). */
export class PickleOpaque {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }
}
