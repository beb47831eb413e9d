import { readBlockName, type BlockShape } from "./inverted-residual.ts";
import { plusOne, renaming, type Renaming } from "./renaming.ts";

const unitOf = (stage = "", unit = ""): string => `features.stage${stage}.unit${plusOne(unit)}.`;

/** ResNet, ResNeXt and their forms with squeeze-and-excitation. */
export const pytorchcvResnet: Renaming = renaming(
  [/^conv1\./u, "features.init_block.conv.conv."],
  [/^bn1\./u, "features.init_block.conv.bn."],
  [/^layer(\d)\.(\d+)\./u, unitOf],
  [/\.(unit\d+)\.conv(\d)\./u, ".$1.body.conv$2.conv."],
  [/\.(unit\d+)\.bn(\d)\./u, ".$1.body.conv$2.bn."],
  [/\.downsample\.0\./u, ".identity_conv.conv."],
  [/\.downsample\.1\./u, ".identity_conv.bn."],
  [/\.se\.fc/u, ".se.conv"],
  [/^fc\./u, "output."],
);

export const pytorchcvRegnet: Renaming = renaming(
  [/^trunk_output\.block\d\.block(\d)-(\d+)\./u, unitOf],
  [/\.proj\.0\./u, ".identity_conv.conv."],
  [/\.proj\.1\./u, ".identity_conv.bn."],
  [/\.f\.se\.fc/u, ".body.se.conv"],
  [/\.f\.([abc])\.0\./u, (letter = "") => `.body.conv${"abc".indexOf(letter) + 1}.conv.`],
  [/\.f\.([abc])\.1\./u, (letter = "") => `.body.conv${"abc".indexOf(letter) + 1}.bn.`],
  [/^stem\.0\./u, "features.init_block.conv."],
  [/^stem\.1\./u, "features.init_block.bn."],
  [/^fc\./u, "output."],
);

export const pytorchcvDensenet: Renaming = renaming(
  [/^features\.conv0\./u, "features.init_block.conv."],
  [/^features\.norm0\./u, "features.init_block.bn."],
  [/^features\.norm5\./u, "features.post_activ.bn."],
  [/^features\.denseblock(\d)\.denselayer(\d+)\.norm(\d)\./u, "features.stage$1.unit$2.conv$3.bn."],
  [
    /^features\.denseblock(\d)\.denselayer(\d+)\.conv(\d)\./u,
    "features.stage$1.unit$2.conv$3.conv.",
  ],
  [
    /^features\.transition(\d)\.(norm|conv)\./u,
    (transition = "", layer = "") => {
      const stage = plusOne(transition);
      return `features.stage${stage}.trans${stage}.conv.${layer === "norm" ? "bn" : "conv"}.`;
    },
  ],
  [/^classifier\./u, "output."],
);

/** Convolutions of torchvision's AlexNet by number: stage, unit. */
const ALEXNET: Readonly<Record<string, string>> = {
  0: "stage1.unit1",
  3: "stage2.unit1",
  6: "stage3.unit1",
  8: "stage3.unit2",
  10: "stage3.unit3",
};

const fullyConnected: Renaming = renaming(
  [/^classifier\.[01]\./u, "output.fc1.fc."],
  [/^classifier\.[34]\./u, "output.fc2.fc."],
  [/^classifier\.6\./u, "output.fc3."],
);

/** Their `alexnetb`. */
export const pytorchcvAlexnet: Renaming = (name) =>
  fullyConnected(name).replace(
    /^features\.(\d+)\./u,
    (_, layer: string) => `features.${ALEXNET[layer] ?? layer}.conv.`,
  );

/** Their `vgg16`, or with norms `bn_vgg16b`; @param depths convolutions of each stage */
export function pytorchcvVgg(depths: readonly number[], hasNorm: boolean): Renaming {
  const places = new Map<string, string>();
  let layer = 0;
  for (const [stage, depth] of depths.entries()) {
    for (let unit = 1; unit <= depth; unit++) {
      places.set(String(layer), `stage${stage + 1}.unit${unit}.conv`);
      if (hasNorm) places.set(String(layer + 1), `stage${stage + 1}.unit${unit}.bn`);
      layer += hasNorm ? 3 : 2;
    }
    layer += 1;
  }
  return (name) =>
    fullyConnected(name).replace(
      /^features\.(\d+)\./u,
      (_, at: string) => `features.${places.get(at) ?? at}.`,
    );
}

/** @param fires names of torchvision's fire modules, by stage */
export function pytorchcvSqueezenet(fires: readonly (readonly number[])[]): Renaming {
  const places = new Map(
    fires.flatMap((stage, s) =>
      stage.map((layer, u) => [String(layer), `stage${s + 1}.unit${u + 1}`] as const),
    ),
  );
  return renaming(
    [/^features\.0\./u, "features.init_block.conv."],
    [/^classifier\.1\./u, "output.final_conv."],
    [
      /^features\.(\d+)\.(\w+)\./u,
      (layer = "", part = "") =>
        places.has(layer)
          ? `features.${places.get(layer)}.${part}.conv.`
          : `features.${layer}.${part}.`,
    ],
  );
}

/** Mixed blocks of torchvision in the order of computation: stage and unit. */
const MIXED: Readonly<Record<string, string>> = {
  "5b": "stage1.unit1",
  "5c": "stage1.unit2",
  "5d": "stage1.unit3",
  "6a": "stage2.unit1",
  "6b": "stage2.unit2",
  "6c": "stage2.unit3",
  "6d": "stage2.unit4",
  "6e": "stage2.unit5",
  "7a": "stage3.unit1",
  "7b": "stage3.unit2",
  "7c": "stage3.unit3",
};

const STEM: Readonly<Record<string, string>> = {
  "1a_3x3": "conv1",
  "2a_3x3": "conv2",
  "2b_3x3": "conv3",
  "3b_1x1": "conv4",
  "4a_3x3": "conv5",
};

/** Branches are counted from left to right; one without a number has a single convolution. */
export const pytorchcvInception: Renaming = renaming(
  [/^Conv2d_(\w+)\./u, (layer = "") => `features.init_block.${STEM[layer] ?? layer}.`],
  [/^Mixed_(\d\w)\.branch3x3\./u, "Mixed_$1.branches.branch1.conv_list.conv1."],
  [/^(Mixed_7a)\.branch3x3_(\d)\./u, "$1.branches.branch1.conv_list.conv$2."],
  [/^(Mixed_7a)\.branch7x7x3_(\d)\./u, "$1.branches.branch2.conv_list.conv$2."],
  [/^(Mixed_6a)\.branch3x3dbl_(\d)\./u, "$1.branches.branch2.conv_list.conv$2."],
  [/\.branch1x1\./u, ".branches.branch1.conv."],
  [/\.branch(?:5x5|7x7|3x3)_(\d)\./u, ".branches.branch2.conv_list.conv$1."],
  [/\.branch(?:3x3|7x7)dbl_(\d)\./u, ".branches.branch3.conv_list.conv$1."],
  [/\.branch3x3_2a\./u, ".branches.branch2.conv1x3."],
  [/\.branch3x3_2b\./u, ".branches.branch2.conv3x1."],
  [/\.branch3x3dbl_3a\./u, ".branches.branch3.conv1x3."],
  [/\.branch3x3dbl_3b\./u, ".branches.branch3.conv3x1."],
  [/\.branch_pool\./u, ".branches.branch4.conv."],
  [/^Mixed_(\d\w)\./u, (block = "") => `features.${MIXED[block] ?? block}.`],
  [/^fc\./u, "output.fc."],
);

/** Names of blocks by what their tensors do; everything else by `outside`. */
export function pytorchcvInverted(
  blockOf: (name: string) => readonly [BlockShape, rest: string] | null,
  outside: Renaming,
): Renaming {
  return (name) => {
    const found = blockOf(name);
    if (found === null) return outside(name);
    const [shape, rest] = found;
    const { role, part, leaf } = readBlockName(rest, shape);
    const at = `features.stage${shape.stage + 1}.unit${shape.unit + 1}`;
    if (role === "gate") return `${at}.se.${part === "reduce" ? "conv1" : "conv2"}.${leaf}`;
    const depthwise = { expand: "", filter: "dw_conv", project: "pw_conv" };
    const numbered = { expand: "conv1", filter: "conv2", project: "conv3" };
    const layer = (shape.hasExpansion ? numbered : depthwise)[role];
    return `${at}.${layer}.${part === "conv" ? "conv" : "bn"}.${leaf}`;
  };
}
