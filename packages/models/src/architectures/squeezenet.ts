import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { pytorchcvSqueezenet } from "../names/pytorchcv.ts";
import { asDefined } from "../names/renaming.ts";
import { imagenet, type Architecture, type Heads, type Naming } from "./architecture.ts";

/** Squeeze to a few channels with 1×1, expand with 1×1 and 3×3 side by side. Iandola et al. 2016. */
function fire(net: Network, name: string, x: Value, [squeeze, expand]: Fire): Value {
  const s = net.relu(net.conv(`${name}.squeeze`, x, { out: squeeze, kernel: 1, bias: true }));
  const a = net.conv(`${name}.expand1x1`, s, { out: expand, kernel: 1, bias: true });
  const b = net.conv(`${name}.expand3x3`, s, { out: expand, kernel: 3, padding: 1, bias: true });
  return net.concat(net.relu(a), net.relu(b));
}

type Fire = readonly [squeeze: number, expand: number];
type Layout = readonly (Fire | "pool")[];

interface Stem {
  readonly out: number;
  readonly kernel: number;
}

const FIRES_1_0: Layout = [
  "pool",
  [16, 64],
  [16, 64],
  [32, 128],
  "pool",
  [32, 128],
  [48, 192],
  [48, 192],
  [64, 256],
  "pool",
  [64, 256],
];
const FIRES_1_1: Layout = [
  "pool",
  [16, 64],
  [16, 64],
  "pool",
  [32, 128],
  [32, 128],
  "pool",
  [48, 192],
  [48, 192],
  [64, 256],
  [64, 256],
];

function squeezenet(net: Network, classes: number, stem: Stem, layout: Layout): Heads {
  let x = net.relu(net.conv("features.0", net.input, { ...stem, stride: 2, bias: true }));
  for (const [i, layer] of layout.entries()) {
    x =
      layer === "pool"
        ? net.maxPool(x, { kernel: 3, stride: 2, ceil: true })
        : fire(net, `features.${i + 2}`, x, layer);
  }
  // The classifier is a convolution; its input, averaged, is the embedding.
  const embeddings = net.flatten(net.globalAveragePool(x));
  const scores = net.relu(net.conv("classifier.1", x, { out: classes, kernel: 1, bias: true }));
  return { embeddings, logits: net.flatten(net.globalAveragePool(scores)) };
}

function namingsOf(layout: Layout): readonly Naming[] {
  return [
    { library: "torchvision", rename: asDefined },
    { library: "pytorchcv", rename: pytorchcvSqueezenet(stagesOf(layout)) },
  ];
}

/** Numbers of the fire modules between two pools. */
function stagesOf(layout: Layout): number[][] {
  const stages: number[][] = [];
  for (const [i, layer] of layout.entries()) {
    if (layer === "pool") stages.push([]);
    else stages.at(-1)?.push(i + 2);
  }
  return stages;
}

export const squeezenets: readonly Architecture[] = [
  {
    name: "squeezenet1_0",
    family: "SqueezeNet",
    source: "torchvision",
    image: imagenet(),
    top1: 58.092,
    define: (net, classes) => squeezenet(net, classes, { out: 96, kernel: 7 }, FIRES_1_0),
    namings: namingsOf(FIRES_1_0),
  },
  {
    name: "squeezenet1_1",
    family: "SqueezeNet",
    source: "torchvision",
    image: imagenet(),
    top1: 58.178,
    define: (net, classes) => squeezenet(net, classes, { out: 64, kernel: 3 }, FIRES_1_1),
    namings: namingsOf(FIRES_1_1),
  },
];
