import { readBlockName, type BlockShape } from "./inverted-residual.ts";
import { plusOne, renaming, type Renaming } from "./renaming.ts";

/** timm keeps torchvision's names for ResNet, ResNeXt, DenseNet and Inception; its SE-ResNets of before 2020 have these. */
export const legacySeNet: Renaming = renaming(
  [/^(conv1|bn1)\./u, "layer0.$1."],
  [/\.se\./u, ".se_module."],
  [/^fc\./u, "last_linear."],
);

/** The first two fully connected layers are convolutions over the whole grid. */
export const timmVgg: Renaming = renaming(
  [/^classifier\.0\./u, "pre_logits.fc1."],
  [/^classifier\.3\./u, "pre_logits.fc2."],
  [/^classifier\.6\./u, "head.fc."],
);

export const timmRegnet: Renaming = renaming(
  [
    /^trunk_output\.block\d\.block(\d)-(\d+)\./u,
    (stage = "", unit = "") => `s${stage}.b${plusOne(unit)}.`,
  ],
  [/\.proj\.0\./u, ".downsample.conv."],
  [/\.proj\.1\./u, ".downsample.bn."],
  [/\.f\.se\./u, ".se."],
  [/\.f\.([abc])\.0\./u, (letter = "") => `.conv${numberOf(letter)}.conv.`],
  [/\.f\.([abc])\.1\./u, (letter = "") => `.conv${numberOf(letter)}.bn.`],
  [/^stem\.0\./u, "stem.conv."],
  [/^stem\.1\./u, "stem.bn."],
  [/^fc\./u, "head.fc."],
);

export const timmVit: Renaming = renaming(
  [/^class_token$/u, "cls_token"],
  [/^encoder\.pos_embedding$/u, "pos_embed"],
  [/^conv_proj\./u, "patch_embed.proj."],
  [/^encoder\.layers\.encoder_layer_(\d+)\./u, "blocks.$1."],
  [/\.ln_([12])\./u, ".norm$1."],
  [/\.self_attention\.in_proj_/u, ".attn.qkv."],
  [/\.self_attention\.out_proj\./u, ".attn.proj."],
  [/\.mlp\.0\./u, ".mlp.fc1."],
  [/\.mlp\.3\./u, ".mlp.fc2."],
  [/^encoder\.ln\./u, "norm."],
  [/^heads\.head\./u, "head."],
);

/** Names of blocks by what their tensors do; everything else by `outside`. */
export function timmInverted(
  blockOf: (name: string) => readonly [BlockShape, rest: string] | null,
  outside: Renaming,
): Renaming {
  return (name) => {
    const found = blockOf(name);
    if (found === null) return outside(name);
    const [shape, rest] = found;
    const { role, part, leaf } = readBlockName(rest, shape);
    return `blocks.${shape.stage}.${shape.unit}.${layerName(role, part, shape)}.${leaf}`;
  };
}

function layerName(
  role: "expand" | "filter" | "gate" | "project",
  part: "conv" | "norm" | "reduce" | "restore",
  { hasExpansion }: BlockShape,
): string {
  if (role === "gate") return part === "reduce" ? "se.conv_reduce" : "se.conv_expand";
  const isConv = part === "conv";
  if (role === "expand") return isConv ? "conv_pw" : "bn1";
  if (role === "filter") return isConv ? "conv_dw" : hasExpansion ? "bn2" : "bn1";
  if (hasExpansion) return isConv ? "conv_pwl" : "bn3";
  return isConv ? "conv_pw" : "bn2";
}

function numberOf(letter: string): number {
  return "abc".indexOf(letter) + 1;
}
