import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, relative, resolve, sep } from "node:path";
import { bytesOf } from "./element-type.ts";
import type { InitializerFacts } from "./read-initializer.ts";

/** A second file in which a model keeps weights. */
export interface ExternalFile {
  /** As the model says it. */
  readonly location: string;
  readonly tensors: number;
  /** Bytes that the tensors take. */
  readonly bytes: number;
  /** `outside`: it leads out of the model's folder, so it is neither opened nor looked for. */
  readonly state: "present" | "missing" | "too-short" | "outside";
}

/**
 * The files of weights beside a model, each looked for but never read. What a location says is a stranger's word: one that leads out
 * of the model's folder, by `..`, an absolute path or a link, is only reported.
 */
export async function locateExternalData(
  onnxPath: string,
  initializers: readonly InitializerFacts[],
): Promise<ExternalFile[]> {
  const byLocation = new Map<string, { tensors: number; bytes: number; end: number }>();
  for (const { type, elements, external } of initializers) {
    if (external === null) continue;
    const sum = byLocation.get(external.location) ?? { tensors: 0, bytes: 0, end: 0 };
    const bytes = external.length ?? bytesOf(type, elements);
    byLocation.set(external.location, {
      tensors: sum.tensors + 1,
      bytes: sum.bytes + bytes,
      end: Math.max(sum.end, external.offset + bytes),
    });
  }
  const files: ExternalFile[] = [];
  for (const [location, { tensors, bytes, end }] of byLocation) {
    files.push({
      location,
      tensors,
      bytes,
      state: await stateOf(dirname(onnxPath), location, end),
    });
  }
  return files;
}

async function stateOf(
  folder: string,
  location: string,
  end: number,
): Promise<ExternalFile["state"]> {
  const path = resolve(folder, location);
  if (isAbsolute(location) || location.includes("\0") || !isBelow(folder, path)) return "outside";
  try {
    if (!isBelow(await realpath(folder), await realpath(path))) return "outside";
    const { size } = await stat(path);
    return size < end ? "too-short" : "present";
  } catch {
    // Whatever the reason, the numbers cannot be read.
    return "missing";
  }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
