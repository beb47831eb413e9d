import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { pytorchcvInception } from "../names/pytorchcv.ts";
import { asDefined } from "../names/renaming.ts";
import { imagenet, type Architecture, type Heads } from "./architecture.ts";

interface Unit {
  readonly out: number;
  readonly kernel: number | readonly [number, number];
  readonly stride?: number;
  readonly padding?: number | readonly [number, number];
}

/** What most branches are made of; a 7×7 filter is split into a row and a column. */
const ROW = { kernel: [1, 7], padding: [0, 3] } as const;
const COLUMN = { kernel: [7, 1], padding: [3, 0] } as const;

type Chain = readonly [name: string, Unit][];

/** Convolution, batch norm, ReLU; one after the other. */
function chain(net: Network, block: string, x: Value, units: Chain): Value {
  let y = x;
  for (const [name, unit] of units) {
    const at = `${block}${name}`;
    y = net.relu(net.batchNorm(`${at}.bn`, net.conv(`${at}.conv`, y, unit), { epsilon: 0.001 }));
  }
  return y;
}

type Block = (net: Network, name: string, x: Value) => Value;

/** 35×35: 1×1, 5×5, two 3×3, and a pool. */
function blockA(poolFeatures: number): Block {
  return (net, name, x) => {
    const pooled = net.averagePool(x, { kernel: 3, stride: 1, padding: 1 });
    return net.concat(
      chain(net, name, x, [[".branch1x1", { out: 64, kernel: 1 }]]),
      chain(net, name, x, [
        [".branch5x5_1", { out: 48, kernel: 1 }],
        [".branch5x5_2", { out: 64, kernel: 5, padding: 2 }],
      ]),
      chain(net, name, x, [
        [".branch3x3dbl_1", { out: 64, kernel: 1 }],
        [".branch3x3dbl_2", { out: 96, kernel: 3, padding: 1 }],
        [".branch3x3dbl_3", { out: 96, kernel: 3, padding: 1 }],
      ]),
      chain(net, name, pooled, [[".branch_pool", { out: poolFeatures, kernel: 1 }]]),
    );
  };
}

/** 35×35 to 17×17. */
function blockB(net: Network, name: string, x: Value): Value {
  return net.concat(
    chain(net, name, x, [[".branch3x3", { out: 384, kernel: 3, stride: 2 }]]),
    chain(net, name, x, [
      [".branch3x3dbl_1", { out: 64, kernel: 1 }],
      [".branch3x3dbl_2", { out: 96, kernel: 3, padding: 1 }],
      [".branch3x3dbl_3", { out: 96, kernel: 3, stride: 2 }],
    ]),
    net.maxPool(x, { kernel: 3, stride: 2 }),
  );
}

/** 17×17: 1×1, one 7×7, two 7×7, and a pool. */
function blockC(inner: number): Block {
  return (net, name, x) => {
    const pooled = net.averagePool(x, { kernel: 3, stride: 1, padding: 1 });
    return net.concat(
      chain(net, name, x, [[".branch1x1", { out: 192, kernel: 1 }]]),
      chain(net, name, x, [
        [".branch7x7_1", { out: inner, kernel: 1 }],
        [".branch7x7_2", { out: inner, ...ROW }],
        [".branch7x7_3", { out: 192, ...COLUMN }],
      ]),
      chain(net, name, x, [
        [".branch7x7dbl_1", { out: inner, kernel: 1 }],
        [".branch7x7dbl_2", { out: inner, ...COLUMN }],
        [".branch7x7dbl_3", { out: inner, ...ROW }],
        [".branch7x7dbl_4", { out: inner, ...COLUMN }],
        [".branch7x7dbl_5", { out: 192, ...ROW }],
      ]),
      chain(net, name, pooled, [[".branch_pool", { out: 192, kernel: 1 }]]),
    );
  };
}

/** 17×17 to 8×8. */
function blockD(net: Network, name: string, x: Value): Value {
  return net.concat(
    chain(net, name, x, [
      [".branch3x3_1", { out: 192, kernel: 1 }],
      [".branch3x3_2", { out: 320, kernel: 3, stride: 2 }],
    ]),
    chain(net, name, x, [
      [".branch7x7x3_1", { out: 192, kernel: 1 }],
      [".branch7x7x3_2", { out: 192, ...ROW }],
      [".branch7x7x3_3", { out: 192, ...COLUMN }],
      [".branch7x7x3_4", { out: 192, kernel: 3, stride: 2 }],
    ]),
    net.maxPool(x, { kernel: 3, stride: 2 }),
  );
}

/** 8×8: the 3×3 filters become a row and a column side by side. */
function blockE(net: Network, name: string, x: Value): Value {
  const fork = (y: Value, branch: string): Value =>
    net.concat(
      chain(net, name, y, [[`${branch}a`, { out: 384, kernel: [1, 3], padding: [0, 1] }]]),
      chain(net, name, y, [[`${branch}b`, { out: 384, kernel: [3, 1], padding: [1, 0] }]]),
    );
  const single = chain(net, name, x, [[".branch3x3_1", { out: 384, kernel: 1 }]]);
  const double = chain(net, name, x, [
    [".branch3x3dbl_1", { out: 448, kernel: 1 }],
    [".branch3x3dbl_2", { out: 384, kernel: 3, padding: 1 }],
  ]);
  const pooled = net.averagePool(x, { kernel: 3, stride: 1, padding: 1 });
  return net.concat(
    chain(net, name, x, [[".branch1x1", { out: 320, kernel: 1 }]]),
    fork(single, ".branch3x3_2"),
    fork(double, ".branch3x3dbl_3"),
    chain(net, name, pooled, [[".branch_pool", { out: 192, kernel: 1 }]]),
  );
}

const BLOCKS: readonly (readonly [name: string, Block])[] = [
  ["Mixed_5b", blockA(32)],
  ["Mixed_5c", blockA(64)],
  ["Mixed_5d", blockA(64)],
  ["Mixed_6a", blockB],
  ["Mixed_6b", blockC(128)],
  ["Mixed_6c", blockC(160)],
  ["Mixed_6d", blockC(160)],
  ["Mixed_6e", blockC(192)],
  ["Mixed_7a", blockD],
  ["Mixed_7b", blockE],
  ["Mixed_7c", blockE],
];

/** Szegedy et al. 2015, "Rethinking the Inception architecture". */
function inceptionV3(net: Network, classes: number): Heads {
  let x = chain(net, "", net.input, [
    ["Conv2d_1a_3x3", { out: 32, kernel: 3, stride: 2 }],
    ["Conv2d_2a_3x3", { out: 32, kernel: 3 }],
    ["Conv2d_2b_3x3", { out: 64, kernel: 3, padding: 1 }],
  ]);
  x = net.maxPool(x, { kernel: 3, stride: 2 });
  x = chain(net, "", x, [
    ["Conv2d_3b_1x1", { out: 80, kernel: 1 }],
    ["Conv2d_4a_3x3", { out: 192, kernel: 3 }],
  ]);
  x = net.maxPool(x, { kernel: 3, stride: 2 });
  for (const [name, block] of BLOCKS) x = block(net, name, x);
  const embeddings = net.flatten(net.globalAveragePool(x));
  return { embeddings, logits: net.linear("fc", embeddings, { out: classes }) };
}

/** As with GoogLeNet, the re-normalisation of torchvision's weights is the preprocessing's matter. */
export const inceptions: readonly Architecture[] = [
  {
    name: "inception_v3",
    family: "Inception v3",
    source: "torchvision",
    image: {
      ...imagenet({ resize: 342, crop: 299 }),
      mean: [0.5, 0.5, 0.5],
      std: [0.5, 0.5, 0.5],
    },
    top1: 77.294,
    define: inceptionV3,
    namings: [
      { library: "torchvision", rename: asDefined },
      { library: "timm", rename: asDefined },
      {
        library: "pytorchcv",
        rename: pytorchcvInception,
        image: imagenet({ resize: 342, crop: 299 }),
      },
    ],
    auxiliary: ["AuxLogits."],
  },
];
