import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { imagenet, type Architecture, type Heads } from "./architecture.ts";

function unit(net: Network, name: string, x: Value, options: Unit): Value {
  const y = net.conv(`${name}.conv`, x, options);
  return net.relu(net.batchNorm(`${name}.bn`, y, { epsilon: 0.001 }));
}

interface Unit {
  readonly out: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
}

/** Channels of the branches: 1×1; 1×1 then 3×3; 1×1 then "5×5"; pool then 1×1. */
type Widths = readonly [number, number, number, number, number, number];

/** Four views of the same picture, joined. Szegedy et al. 2014; torchvision's "5×5" branch really is 3×3. */
function inception(net: Network, name: string, x: Value, widths: Widths): Value {
  const [b1, reduce3, b3, reduce5, b5, pool] = widths;
  const narrow3 = unit(net, `${name}.branch2.0`, x, { out: reduce3, kernel: 1 });
  const narrow5 = unit(net, `${name}.branch3.0`, x, { out: reduce5, kernel: 1 });
  const pooled = net.maxPool(x, { kernel: 3, stride: 1, padding: 1, ceil: true });
  return net.concat(
    unit(net, `${name}.branch1`, x, { out: b1, kernel: 1 }),
    unit(net, `${name}.branch2.1`, narrow3, { out: b3, kernel: 3, padding: 1 }),
    unit(net, `${name}.branch3.1`, narrow5, { out: b5, kernel: 3, padding: 1 }),
    unit(net, `${name}.branch4.1`, pooled, { out: pool, kernel: 1 }),
  );
}

const BLOCKS: readonly (readonly [name: string, Widths] | "pool 3" | "pool 2")[] = [
  ["inception3a", [64, 96, 128, 16, 32, 32]],
  ["inception3b", [128, 128, 192, 32, 96, 64]],
  "pool 3",
  ["inception4a", [192, 96, 208, 16, 48, 64]],
  ["inception4b", [160, 112, 224, 24, 64, 64]],
  ["inception4c", [128, 128, 256, 24, 64, 64]],
  ["inception4d", [112, 144, 288, 32, 64, 64]],
  ["inception4e", [256, 160, 320, 32, 128, 128]],
  "pool 2",
  ["inception5a", [256, 160, 320, 32, 128, 128]],
  ["inception5b", [384, 192, 384, 48, 128, 128]],
];

function googlenet(net: Network, classes: number): Heads {
  let x = unit(net, "conv1", net.input, { out: 64, kernel: 7, stride: 2, padding: 3 });
  x = net.maxPool(x, { kernel: 3, stride: 2, ceil: true });
  x = unit(net, "conv2", x, { out: 64, kernel: 1 });
  x = unit(net, "conv3", x, { out: 192, kernel: 3, padding: 1 });
  x = net.maxPool(x, { kernel: 3, stride: 2, ceil: true });
  for (const block of BLOCKS) {
    if (block === "pool 3") x = net.maxPool(x, { kernel: 3, stride: 2, ceil: true });
    else if (block === "pool 2") x = net.maxPool(x, { kernel: 2, stride: 2, ceil: true });
    else x = inception(net, block[0], x, block[1]);
  }
  const embeddings = net.flatten(net.globalAveragePool(x));
  return { embeddings, logits: net.linear("fc", embeddings, { out: classes }) };
}

/**
 * torchvision's ImageNet weights expect pictures scaled to -1…1 and re-normalise inside; here that
 * belongs to the preprocessing of a model directory (mean and std 0.5), never to the graph.
 */
export const googlenets: readonly Architecture[] = [
  {
    name: "googlenet",
    family: "GoogLeNet",
    source: "torchvision",
    image: { ...imagenet(), mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    top1: 69.778,
    define: googlenet,
    auxiliary: ["aux1.", "aux2."],
  },
];
