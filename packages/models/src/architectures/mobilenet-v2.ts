import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { flatBlocks, numberBlocks } from "../names/inverted-residual.ts";
import { asDefined, renaming } from "../names/renaming.ts";
import { timmInverted } from "../names/timm.ts";
import { imagenet, type Architecture, type Heads, type Naming } from "./architecture.ts";

/** Expansion, output channels, repetitions, stride of the first. Sandler et al. 2018, table 2. */
const V2_STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Expand, filter each channel, project without an activation: the narrow ends are connected. */
function invertedResidual(
  net: Network,
  name: string,
  x: Value,
  { expand, out, stride }: { expand: number; out: number; stride: number },
): Value {
  const channels = x.shape[0] ?? 0;
  const wide = channels * expand;
  let layer = 0;
  let y = x;
  if (expand !== 1) {
    const at = `${name}.conv.${layer++}`;
    y = net.relu6(net.batchNorm(`${at}.1`, net.conv(`${at}.0`, y, { out: wide, kernel: 1 })));
  }
  const at = `${name}.conv.${layer++}`;
  y = net.conv(`${at}.0`, y, { out: wide, kernel: 3, stride, padding: 1, groups: wide });
  y = net.relu6(net.batchNorm(`${at}.1`, y));
  y = net.conv(`${name}.conv.${layer}`, y, { out, kernel: 1 });
  y = net.batchNorm(`${name}.conv.${layer + 1}`, y);
  return stride === 1 && out === channels ? net.add(x, y) : y;
}

function mobilenetV2(net: Network, classes: number): Heads {
  let x = net.conv("features.0.0", net.input, { out: 32, kernel: 3, stride: 2, padding: 1 });
  x = net.relu6(net.batchNorm("features.0.1", x));
  let block = 1;
  for (const [expand, out, repeats, stride] of V2_STAGES) {
    for (let i = 0; i < repeats; i++) {
      const options = { expand, out, stride: i === 0 ? stride : 1 };
      x = invertedResidual(net, `features.${block++}`, x, options);
    }
  }
  x = net.batchNorm("features.18.1", net.conv("features.18.0", x, { out: 1280, kernel: 1 }));
  const embeddings = net.flatten(net.globalAveragePool(net.relu6(x)));
  return { embeddings, logits: net.linear("classifier.1", embeddings, { out: classes }) };
}

const timmV2: Naming = {
  library: "timm",
  rename: timmInverted(
    flatBlocks(
      numberBlocks(V2_STAGES.map(([, , repeats]) => repeats)).map((place) => ({
        ...place,
        hasExpansion: place.stage > 0,
        hasGate: false,
      })),
    ),
    renaming(
      [/^features\.0\.0\./u, "conv_stem."],
      [/^features\.0\.1\./u, "bn1."],
      [/^features\.18\.0\./u, "conv_head."],
      [/^features\.18\.1\./u, "bn2."],
      [/^classifier\.1\./u, "classifier."],
    ),
  ),
};

export const mobilenetV2s: readonly Architecture[] = [
  {
    name: "mobilenet_v2",
    family: "MobileNet",
    source: "torchvision",
    image: imagenet(),
    top1: 71.878,
    define: mobilenetV2,
    namings: [{ library: "torchvision", rename: asDefined }, timmV2],
  },
];
