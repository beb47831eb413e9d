import type { BlockShape } from "./inverted-residual.ts";
import { pytorchcvInverted } from "./pytorchcv.ts";
import { renaming, type Renaming } from "./renaming.ts";
import { timmInverted } from "./timm.ts";

/** The block whose tensor a name is, counted as timm does: by the stages of the paper. */
function blockOf(name: string): readonly [BlockShape, rest: string] | null {
  const match = /^features\.(\d+)\.(\d+)\.block\.(.+)$/u.exec(name);
  if (match === null) return null;
  const stage = Number(match[1]) - 1;
  const shape = { stage, unit: Number(match[2]), hasExpansion: stage > 0, hasGate: true };
  return [shape, match[3] ?? ""];
}

export const timmEfficientnet: Renaming = timmInverted(
  blockOf,
  renaming(
    [/^features\.0\.0\./u, "conv_stem."],
    [/^features\.0\.1\./u, "bn1."],
    [/^features\.8\.0\./u, "conv_head."],
    [/^features\.8\.1\./u, "bn2."],
    [/^classifier\.1\./u, "classifier."],
  ),
);

/** pytorchcv begins a stage only where the side is halved: the fifth and the seventh of the paper continue the one before. */
const JOINED = [0, 1, 2, 3, 3, 4, 4] as const;

/** @param repeats blocks of each stage of the paper */
export function pytorchcvEfficientnet(repeats: readonly number[]): Renaming {
  const joinedBlockOf: typeof blockOf = (name) => {
    const found = blockOf(name);
    if (found === null) return null;
    const [shape, rest] = found;
    const stage = JOINED[shape.stage] ?? shape.stage;
    const before = JOINED[shape.stage - 1] === stage ? (repeats[shape.stage - 1] ?? 0) : 0;
    return [{ ...shape, stage, unit: shape.unit + before }, rest];
  };
  return pytorchcvInverted(
    joinedBlockOf,
    renaming(
      [/^features\.0\.0\./u, "features.init_block.conv.conv."],
      [/^features\.0\.1\./u, "features.init_block.conv.bn."],
      [/^features\.8\.0\./u, "features.final_block.conv."],
      [/^features\.8\.1\./u, "features.final_block.bn."],
      [/^classifier\.1\./u, "output.fc."],
    ),
  );
}
