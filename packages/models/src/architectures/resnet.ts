import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { imagenet, type Architecture, type Heads } from "./architecture.ts";

interface Block {
  readonly width: number;
  readonly stride: number;
  readonly groups: number;
  /** Channels per group relative to 64, see ResNeXt. */
  readonly base: number;
}

type Residual = (net: Network, name: string, x: Value, block: Block) => Value;

/** Two 3×3 convolutions. He et al. 2015. */
function basic(net: Network, name: string, x: Value, { width, stride }: Block): Value {
  let y = net.conv(`${name}.conv1`, x, { out: width, kernel: 3, stride, padding: 1 });
  y = net.relu(net.batchNorm(`${name}.bn1`, y));
  y = net.conv(`${name}.conv2`, y, { out: width, kernel: 3, padding: 1 });
  return net.batchNorm(`${name}.bn2`, y);
}

/** 1×1 down, 3×3 (which carries the stride, as in torchvision), 1×1 up to four times the width. */
function bottleneck(net: Network, name: string, x: Value, block: Block): Value {
  const { width, stride, groups, base } = block;
  const inner = Math.floor((width * base) / 64) * groups;
  let y = net.relu(
    net.batchNorm(`${name}.bn1`, net.conv(`${name}.conv1`, x, { out: inner, kernel: 1 })),
  );
  y = net.conv(`${name}.conv2`, y, { out: inner, kernel: 3, stride, padding: 1, groups });
  y = net.relu(net.batchNorm(`${name}.bn2`, y));
  return net.batchNorm(`${name}.bn3`, net.conv(`${name}.conv3`, y, { out: 4 * width, kernel: 1 }));
}

interface Layout {
  readonly residual: Residual;
  readonly depths: readonly [number, number, number, number];
  readonly groups?: number;
  readonly base?: number;
}

function resnet(net: Network, classes: number, layout: Layout): Heads {
  const { residual, depths, groups = 1, base = 64 } = layout;
  let x = net.conv("conv1", net.input, { out: 64, kernel: 7, stride: 2, padding: 3 });
  x = net.maxPool(net.relu(net.batchNorm("bn1", x)), { kernel: 3, stride: 2, padding: 1 });
  for (const [stage, depth] of depths.entries()) {
    for (let i = 0; i < depth; i++) {
      const name = `layer${stage + 1}.${i}`;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const y = residual(net, name, x, { width: 64 * 2 ** stage, stride, groups, base });
      x = net.relu(net.add(y, shortcut(net, `${name}.downsample`, x, y, stride)));
    }
  }
  const embeddings = net.flatten(net.globalAveragePool(x));
  return { embeddings, logits: net.linear("fc", embeddings, { out: classes }) };
}

/** The input itself, or projected to the shape of the residual. */
function shortcut(net: Network, name: string, x: Value, y: Value, stride: number): Value {
  const [channels = 0] = y.shape;
  if (stride === 1 && x.shape[0] === channels) return x;
  return net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, { out: channels, kernel: 1, stride }));
}

type Row = readonly [name: string, family: string, Layout, top1: number];

const VARIANTS: readonly Row[] = [
  ["resnet18", "ResNet", { residual: basic, depths: [2, 2, 2, 2] }, 69.758],
  ["resnet34", "ResNet", { residual: basic, depths: [3, 4, 6, 3] }, 73.314],
  ["resnet50", "ResNet", { residual: bottleneck, depths: [3, 4, 6, 3] }, 76.13],
  ["resnet101", "ResNet", { residual: bottleneck, depths: [3, 4, 23, 3] }, 77.374],
  ["resnet152", "ResNet", { residual: bottleneck, depths: [3, 8, 36, 3] }, 78.312],
  [
    "resnext50_32x4d",
    "ResNeXt",
    { residual: bottleneck, depths: [3, 4, 6, 3], groups: 32, base: 4 },
    77.618,
  ],
  [
    "resnext101_32x8d",
    "ResNeXt",
    { residual: bottleneck, depths: [3, 4, 23, 3], groups: 32, base: 8 },
    79.312,
  ],
];

export const resnets: readonly Architecture[] = VARIANTS.map(([name, family, layout, top1]) => ({
  name,
  family,
  source: "torchvision",
  image: imagenet(),
  top1,
  define: (net, classes) => resnet(net, classes, layout),
}));
