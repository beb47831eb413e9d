/**
 * A path below the watched folder as its raw bytes, one character per byte (latin1): cheap to compare and to keep
 * in sets, and able to hold names that are not UTF-8. `""` is the folder itself; never begins or ends with `/`.
 */
export type BytePath = string;

export function toBytes(path: BytePath): Buffer {
  return Buffer.from(path, "latin1");
}

export function fromBytes(bytes: Uint8Array): BytePath {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** The same path as text, for patterns and people; bytes that are not UTF-8 become U+FFFD. */
export function toText(path: BytePath): string {
  return Buffer.from(path, "latin1").toString("utf8");
}

export function fromText(text: string): BytePath {
  return Buffer.from(text, "utf8").toString("latin1");
}

export function joinPath(folder: BytePath, name: BytePath): BytePath {
  return folder === "" ? name : `${folder}/${name}`;
}

/** Path for the file system. `folder` is absolute, in bytes. */
export function resolveBelow(folder: BytePath, path: BytePath): Buffer {
  return toBytes(path === "" ? folder : `${folder}/${path}`);
}

/**
 * Whether files in this directory are looked for. `maxDepth`: directories between the folder and a file, at most; 0 means only
 * the folder's own files.
 */
export function isWithinDepth(directory: BytePath, maxDepth: number): boolean {
  return directory === "" || directory.split("/").length <= maxDepth;
}
