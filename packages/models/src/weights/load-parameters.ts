import { open } from "node:fs/promises";
import type { Parameter } from "../graph/operation.ts";
import { openPytorchFile } from "./pytorch/read-pytorch-file.ts";
import { openSafetensors } from "./read-safetensors.ts";
import type { WeightsFile } from "./stored-tensor.ts";
import { toFloat32 } from "./to-float32.ts";
import { WeightsFileError } from "./weights-file-error.ts";

/** Opens a weights file of either kind; which one it is, its first bytes tell. @throws WeightsFileError */
export async function openWeights(path: string): Promise<WeightsFile> {
  return (await looksLikePytorch(path)) ? await openPytorchFile(path) : await openSafetensors(path);
}

/** safetensors begins with a length and `{`; torch with a zip header or a pickle's protocol mark. */
async function looksLikePytorch(path: string): Promise<boolean> {
  await using file = await open(path, "r");
  const head = Buffer.alloc(9);
  await file.read(head, 0, 9, 0);
  const isZip = head.readUInt32LE(0) === 0x04034b50;
  return isZip || (head[0] === 0x80 && head[8] !== 0x7b);
}

export interface LoadOptions {
  /** What the network needs. */
  readonly parameters: readonly Parameter[];
  /** Beginnings of names that may be in the file and are not needed: auxiliary training heads. */
  readonly ignored: readonly string[];
}

/**
 * Reads the parameters of a network from a file, as float32.
 *
 * @throws WeightsFileError when a tensor is missing, surplus, of another shape, not finite or not of floats; all
 *   such problems of one file are told at once, missing ones with the nearest name that the file has
 */
export async function loadParameters(
  file: WeightsFile,
  { parameters, ignored }: LoadOptions,
): Promise<Map<string, Float32Array>> {
  const problems = compareNames(file, { parameters, ignored });
  if (problems.length > 0) {
    throw new WeightsFileError(
      file.path,
      `the weights do not fit the architecture:\n  - ${problems.slice(0, 20).join("\n  - ")}${problems.length > 20 ? `\n  - and ${problems.length - 20} more` : ""}`,
    );
  }
  const loaded = new Map<string, Float32Array>();
  for (const { name } of parameters) {
    const tensor = file.tensors.get(name);
    if (tensor === undefined) continue; // compareNames has refused this before
    const values = toFloat32(await tensor.readBytes(), tensor.dtype);
    if (values === null) {
      throw new WeightsFileError(
        file.path,
        `tensor ${name} holds ${tensor.dtype}, expected floats`,
      );
    }
    if (!values.every(Number.isFinite)) {
      throw new WeightsFileError(file.path, `tensor ${name} holds NaN or infinite weights`);
    }
    loaded.set(name, values);
  }
  return loaded;
}

/** torch counts batches in a buffer that inference never needs. */
const BOOKKEEPING = /(?:^|\.)num_batches_tracked$/u;

function compareNames(file: WeightsFile, { parameters, ignored }: LoadOptions): string[] {
  const needed = new Map(parameters.map((p) => [p.name, p]));
  const surplus = [...file.tensors.keys()].filter(
    (name) =>
      !needed.has(name) &&
      !BOOKKEEPING.test(name) &&
      !ignored.some((start) => name.startsWith(start)),
  );
  const problems: string[] = [];
  for (const { name, shape } of needed.values()) {
    const tensor = file.tensors.get(name);
    if (tensor === undefined) {
      const near = nearest(name, surplus);
      problems.push(
        `missing ${name} [${shape.join(", ")}]${near === null ? "" : `; the nearest that the file has is ${near}`}`,
      );
    } else if (tensor.shape.join() !== shape.join()) {
      problems.push(
        `${name} should have the shape [${shape.join(", ")}] and has [${tensor.shape.join(", ")}]`,
      );
    }
  }
  for (const name of surplus)
    problems.push(`surplus ${name}: this architecture has no such tensor`);
  return problems;
}

/** The name that shares the most dot-separated parts, counted from both ends. */
function nearest(name: string, candidates: readonly string[]): string | null {
  const parts = name.split(".");
  let best: { name: string; shared: number } | null = null;
  for (const candidate of candidates) {
    const others = candidate.split(".");
    const fromStart = parts.findIndex((part, i) => part !== others[i]);
    const fromEnd = parts.toReversed().findIndex((part, i) => part !== others.at(-1 - i));
    const shared = Math.max(0, fromStart) + Math.max(0, fromEnd);
    if (shared > (best?.shared ?? 0)) best = { name: candidate, shared };
  }
  return best?.name ?? null;
}
