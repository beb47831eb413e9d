import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { pytorchcvDensenet } from "../names/pytorchcv.ts";
import { asDefined } from "../names/renaming.ts";
import { olderDensenet } from "../names/torchvision.ts";
import { imagenet, type Architecture, type Heads } from "./architecture.ts";

interface Layout {
  readonly stem: number;
  /** Channels that each layer adds. */
  readonly growth: number;
  readonly depths: readonly [number, number, number, number];
}

/** Norm and ReLU come before the convolution, so that every layer reads all earlier ones in its own scale. */
function layer(net: Network, name: string, x: Value, growth: number): Value {
  let y = net.relu(net.batchNorm(`${name}.norm1`, x));
  y = net.conv(`${name}.conv1`, y, { out: 4 * growth, kernel: 1 });
  y = net.relu(net.batchNorm(`${name}.norm2`, y));
  return net.concat(x, net.conv(`${name}.conv2`, y, { out: growth, kernel: 3, padding: 1 }));
}

/** Half the channels, half the side. */
function transition(net: Network, name: string, x: Value): Value {
  const y = net.relu(net.batchNorm(`${name}.norm`, x));
  const out = Math.floor((x.shape[0] ?? 0) / 2);
  return net.averagePool(net.conv(`${name}.conv`, y, { out, kernel: 1 }), { kernel: 2 });
}

/** Huang et al. 2016. */
function densenet(net: Network, classes: number, { stem, growth, depths }: Layout): Heads {
  let x = net.conv("features.conv0", net.input, { out: stem, kernel: 7, stride: 2, padding: 3 });
  x = net.relu(net.batchNorm("features.norm0", x));
  x = net.maxPool(x, { kernel: 3, stride: 2, padding: 1 });
  for (const [stage, depth] of depths.entries()) {
    for (let i = 1; i <= depth; i++) {
      x = layer(net, `features.denseblock${stage + 1}.denselayer${i}`, x, growth);
    }
    if (stage < 3) x = transition(net, `features.transition${stage + 1}`, x);
  }
  x = net.relu(net.batchNorm("features.norm5", x));
  const embeddings = net.flatten(net.globalAveragePool(x));
  return { embeddings, logits: net.linear("classifier", embeddings, { out: classes }) };
}

const VARIANTS: readonly (readonly [name: string, Layout, top1: number])[] = [
  ["densenet121", { stem: 64, growth: 32, depths: [6, 12, 24, 16] }, 74.434],
  ["densenet161", { stem: 96, growth: 48, depths: [6, 12, 36, 24] }, 77.138],
  ["densenet169", { stem: 64, growth: 32, depths: [6, 12, 32, 32] }, 75.6],
  ["densenet201", { stem: 64, growth: 32, depths: [6, 12, 48, 32] }, 76.896],
];

export const densenets: readonly Architecture[] = VARIANTS.map(([name, layout, top1]) => ({
  name,
  family: "DenseNet",
  source: "torchvision",
  image: imagenet(),
  top1,
  define: (net, classes) => densenet(net, classes, layout),
  namings: [
    { library: "torchvision", rename: asDefined },
    { library: "timm", rename: asDefined },
    { library: "torchvision", rename: olderDensenet },
    { library: "pytorchcv", rename: pytorchcvDensenet },
  ],
}));
