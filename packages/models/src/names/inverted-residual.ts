/** What a block of the MobileNet and EfficientNet families consists of, beside its filter and its projection. */
export interface BlockShape {
  /** Place in the network as other libraries count it, from zero. */
  readonly stage: number;
  readonly unit: number;
  readonly hasExpansion: boolean;
  readonly hasGate: boolean;
}

/** A tensor of a block by what it does. */
export interface BlockTensor {
  readonly role: "expand" | "filter" | "gate" | "project";
  readonly part: "conv" | "norm" | "reduce" | "restore";
  /** weight, bias, running_mean, … */
  readonly leaf: string;
}

/**
 * What torchvision's numbered name stands for: `1.0.weight` is the convolution of a block's second part, `2.fc1.bias` belongs to
 * its gate. MobileNet v2 numbers its projection and the norm behind it without a level between.
 */
export function readBlockName(rest: string, shape: BlockShape): BlockTensor {
  const roles = rolesOf(shape);
  const gate = /^\d+\.fc([12])\.(\w+)$/u.exec(rest);
  if (gate !== null) {
    return { role: "gate", part: gate[1] === "1" ? "reduce" : "restore", leaf: gate[2] ?? "" };
  }
  const nested = /^(\d+)\.([01])\.(\w+)$/u.exec(rest);
  if (nested !== null) {
    const role = roles[Number(nested[1])] ?? "project";
    return { role, part: nested[2] === "0" ? "conv" : "norm", leaf: nested[3] ?? "" };
  }
  const [index = "", leaf = ""] = rest.split(".");
  return { role: "project", part: Number(index) === roles.length - 1 ? "conv" : "norm", leaf };
}

function rolesOf({ hasExpansion, hasGate }: BlockShape): BlockTensor["role"][] {
  const isThere = { expand: hasExpansion, filter: true, gate: hasGate, project: true };
  return (["expand", "filter", "gate", "project"] as const).filter((role) => isThere[role]);
}

/** Splits a flat list of blocks into the stages of other libraries. */
export function numberBlocks(sizes: readonly number[]): { stage: number; unit: number }[] {
  return sizes.flatMap((size, stage) =>
    Array.from({ length: size }, (_, unit) => ({ stage, unit })),
  );
}

/** Finds the block whose tensor a name is, where torchvision counts all blocks in one row, from 1. */
export function flatBlocks(
  shapes: readonly BlockShape[],
): (name: string) => readonly [BlockShape, rest: string] | null {
  return (name) => {
    const match = /^features\.(\d+)\.(?:block|conv)\.(.+)$/u.exec(name);
    const shape = shapes[Number(match?.[1]) - 1];
    return match === null || shape === undefined ? null : [shape, match[2] ?? ""];
  };
}
