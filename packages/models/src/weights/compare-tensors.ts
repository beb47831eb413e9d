import type { StoredTensor } from "./stored-tensor.ts";

interface Expected {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Everything by which the tensors of a file differ from what a network needs, a sentence each; empty when they fit. */
export function compareTensors(
  tensors: ReadonlyMap<string, StoredTensor>,
  parameters: readonly Expected[],
  ignored: readonly string[],
): string[] {
  const needed = new Set(parameters.map(({ name }) => name));
  const surplus = [...tensors.keys()].filter(
    (name) => !needed.has(name) && !isIgnored(name, ignored),
  );
  const unlike = parameters.flatMap(({ name, shape }) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) return [missing({ name, shape }, surplus)];
    if (isSameLayout(tensor.shape, shape)) return [];
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

function missing({ name, shape }: Expected, surplus: readonly string[]): string {
  const near = findNearest(name, surplus);
  const hint = near === null ? "" : `; the nearest that the file has is ${near}`;
  return `missing ${name} ${print(shape)}${hint}`;
}

/**
 * The same shape, or the same numbers in the same order as a fully connected layer and as a convolution over the whole grid,
 * which libraries choose differently: `[4096, 25088]` and `[4096, 512, 7, 7]`.
 */
export function isSameLayout(a: readonly number[], b: readonly number[]): boolean {
  if (a.length === b.length) return a.every((size, i) => size === b[i]);
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length === 2 && short[0] === long[0] && short[1] === product(long.slice(1));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
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
