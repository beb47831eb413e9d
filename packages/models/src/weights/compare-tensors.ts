import type { Parameter } from "../graph/operation.ts";
import type { StoredTensor } from "./stored-tensor.ts";

/** Everything by which the tensors of a file differ from what a network needs, a sentence each; empty when they fit. */
export function compareTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  parameters: readonly Parameter[],
  ignored: readonly string[],
): string[] {
  const needed = new Set(parameters.map(({ name }) => name));
  const surplus = [...tensors.keys()].filter(
    (name) => !needed.has(name) && !isIgnored(name, ignored),
  );
  const unlike = parameters.flatMap(({ name, shape }) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) return [missing({ name, shape }, surplus)];
    if (isSameShape(tensor.shape, shape)) return [];
    return [`${name} should have the shape ${print(shape)} and has ${print(tensor.shape)}`];
  });
  return [
    ...unlike,
    ...surplus.map((name) => `surplus ${name}: this architecture has no such tensor`),
  ];
}

/** torch counts batches in a buffer that inference never needs. */
const BOOKKEEPING = /(?:^|\.)num_batches_tracked$/u;

function isIgnored(name: string, ignored: readonly string[]): boolean {
  return BOOKKEEPING.test(name) || ignored.some((start) => name.startsWith(start));
}

function missing(
  { name, shape }: { name: string; shape: readonly number[] },
  surplus: readonly string[],
): string {
  const near = findNearest(name, surplus);
  const hint = near === null ? "" : `; the nearest that the file has is ${near}`;
  return `missing ${name} ${print(shape)}${hint}`;
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function print(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/** The name that shares the most dot-separated parts, counted from both ends; null when none shares any. */
function findNearest(name: string, candidates: readonly string[]): string | null {
  const parts = name.split(".");
  let best: { readonly name: string; readonly shared: number } | null = null;
  for (const candidate of candidates) {
    const others = candidate.split(".");
    const shared =
      countShared(parts, others) + countShared(parts.toReversed(), others.toReversed());
    if (shared > (best?.shared ?? 0)) best = { name: candidate, shared };
  }
  return best?.name ?? null;
}

function countShared(parts: readonly string[], others: readonly string[]): number {
  const differs = parts.findIndex((part, i) => part !== others[i]);
  return differs === -1 ? parts.length : differs;
}
