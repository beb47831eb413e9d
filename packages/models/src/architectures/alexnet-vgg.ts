import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { ShapeError } from "../graph/shape-error.ts";
import { pytorchcvAlexnet, pytorchcvVgg } from "../names/pytorchcv.ts";
import { asDefined } from "../names/renaming.ts";
import { timmVgg } from "../names/timm.ts";
import { imagenet, type Architecture, type Heads } from "./architecture.ts";

/** Krizhevsky 2014, "One weird trick": the single-tower AlexNet of torchvision. */
function alexnet(net: Network, classes: number): Heads {
  let x = net.conv("features.0", net.input, {
    out: 64,
    kernel: 11,
    stride: 4,
    padding: 2,
    bias: true,
  });
  x = net.maxPool(net.relu(x), { kernel: 3, stride: 2 });
  x = net.relu(net.conv("features.3", x, { out: 192, kernel: 5, padding: 2, bias: true }));
  x = net.maxPool(x, { kernel: 3, stride: 2 });
  x = net.relu(net.conv("features.6", x, { out: 384, kernel: 3, padding: 1, bias: true }));
  x = net.relu(net.conv("features.8", x, { out: 256, kernel: 3, padding: 1, bias: true }));
  x = net.relu(net.conv("features.10", x, { out: 256, kernel: 3, padding: 1, bias: true }));
  x = expectGrid(net.maxPool(x, { kernel: 3, stride: 2 }), 6);
  const hidden = net.relu(net.linear("classifier.1", net.flatten(x), { out: 4096 }));
  const embeddings = net.relu(net.linear("classifier.4", hidden, { out: 4096 }));
  return { embeddings, logits: net.linear("classifier.6", embeddings, { out: classes }) };
}

/** Channels per stage; each stage ends with a pool. Simonyan and Zisserman 2014, table 1. */
const VGG_DEPTHS: Readonly<Record<string, readonly number[]>> = {
  vgg11: [1, 1, 2, 2, 2],
  vgg13: [2, 2, 2, 2, 2],
  vgg16: [2, 2, 3, 3, 3],
  vgg19: [2, 2, 4, 4, 4],
};
const VGG_WIDTHS = [64, 128, 256, 512, 512];

interface VggLayout {
  readonly depths: readonly number[];
  readonly hasNorm: boolean;
  /** Numbers of the three fully connected layers, which depend on where the dropouts stand. */
  readonly fullyConnected?: readonly [number, number, number];
}

function vgg(net: Network, classes: number, layout: VggLayout): Heads {
  const { depths, hasNorm, fullyConnected: [fc1, fc2, fc3] = [0, 3, 6] } = layout;
  let x = net.input;
  let layer = 0;
  for (const [stage, depth] of depths.entries()) {
    for (let i = 0; i < depth; i++) {
      const out = VGG_WIDTHS[stage] ?? 0;
      x = net.conv(`features.${layer}`, x, { out, kernel: 3, padding: 1, bias: true });
      if (hasNorm) x = net.batchNorm(`features.${layer + 1}`, x);
      x = net.relu(x);
      layer += hasNorm ? 3 : 2;
    }
    x = net.maxPool(x, { kernel: 2 });
    layer += 1;
  }
  const flat = net.flatten(expectGrid(x, 7));
  const hidden = net.relu(net.linear(`classifier.${fc1}`, flat, { out: 4096 }));
  const embeddings = net.relu(net.linear(`classifier.${fc2}`, hidden, { out: 4096 }));
  return { embeddings, logits: net.linear(`classifier.${fc3}`, embeddings, { out: classes }) };
}

/** torchvision pools adaptively to this grid, which at the published input size changes nothing. */
function expectGrid(x: Value, side: number): Value {
  if (x.shape[1] === side && x.shape[2] === side) return x;
  throw new ShapeError(
    `this architecture has fully connected layers over a ${side}×${side} grid: use 224×224 pictures`,
  );
}

const VGG_TOP1: Readonly<Record<string, readonly [plain: number, norm: number]>> = {
  vgg11: [69.02, 70.37],
  vgg13: [69.928, 71.586],
  vgg16: [71.592, 73.36],
  vgg19: [72.376, 74.218],
};

const vggs: readonly Architecture[] = Object.entries(VGG_DEPTHS).flatMap(([name, depths]) =>
  [false, true].map((hasNorm): Architecture => ({
    name: hasNorm ? `${name}_bn` : name,
    family: "VGG",
    source: "torchvision",
    image: imagenet(),
    top1: VGG_TOP1[name]?.[hasNorm ? 1 : 0] ?? null,
    define: (net, classes) => vgg(net, classes, { depths, hasNorm }),
    namings: [
      { library: "torchvision", rename: asDefined },
      { library: "timm", rename: timmVgg },
      { library: "pytorchcv", rename: pytorchcvVgg(depths, hasNorm) },
    ],
  })),
);

export const alexnetAndVggs: readonly Architecture[] = [
  {
    name: "alexnet",
    family: "AlexNet",
    source: "torchvision",
    image: imagenet(),
    top1: 56.522,
    define: alexnet,
    namings: [
      { library: "torchvision", rename: asDefined },
      { library: "pytorchcv", rename: pytorchcvAlexnet },
    ],
  },
  ...vggs,
  {
    // VGG-16 of a widely copied tutorial: batch norm in every block, a dropout before the first fully connected layer.
    name: "improved_vgg16",
    family: "VGG",
    source: "tutorial",
    image: imagenet({ fit: "stretch", resize: 224 }),
    top1: null,
    define: (net, classes) =>
      vgg(net, classes, { depths: [2, 2, 3, 3, 3], hasNorm: true, fullyConnected: [1, 4, 6] }),
  },
];
