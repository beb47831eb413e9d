import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { pytorchcvResnet } from "../names/pytorchcv.ts";
import { asDefined } from "../names/renaming.ts";
import { legacySeNet } from "../names/timm.ts";
import { imagenet, type Architecture, type Heads, type Naming } from "./architecture.ts";
import { squeezeExcite } from "./squeeze-excite.ts";

interface Layout {
  readonly residual: Residual;
  readonly depths: readonly [number, number, number, number];
  readonly groups?: number;
  /** Channels per group relative to 64, see ResNeXt. */
  readonly base?: number;
  /** Squeeze-and-excitation at the end of each residual. Hu et al. 2017. */
  readonly hasGate?: boolean;
  /** Which convolution of a bottleneck halves the side: the 1×1, as He et al. wrote, or the 3×3, which skips no pixel. */
  readonly strideOn?: "1x1" | "3x3";
  /** What the first pool does at the border: a pixel of padding, or, as Caffe, a last window that is cut off. */
  readonly firstPool?: "padded" | "cut";
}

interface Block {
  readonly width: number;
  readonly stride: number;
}

type Residual = (net: Network, name: string, x: Value, block: Block & Layout) => Value;

/** Two 3×3 convolutions. He et al. 2015. */
function basic(net: Network, name: string, x: Value, { width, stride }: Block): Value {
  let y = net.conv(`${name}.conv1`, x, { out: width, kernel: 3, stride, padding: 1 });
  y = net.relu(net.batchNorm(`${name}.bn1`, y));
  y = net.conv(`${name}.conv2`, y, { out: width, kernel: 3, padding: 1 });
  return net.batchNorm(`${name}.bn2`, y);
}

/** 1×1 down, 3×3, 1×1 up to four times the width. */
function bottleneck(net: Network, name: string, x: Value, block: Block & Layout): Value {
  const { width, stride, groups = 1, base = 64, strideOn = "3x3" } = block;
  const inner = Math.floor((width * base) / 64) * groups;
  const [first, second] = strideOn === "1x1" ? [stride, 1] : [1, stride];
  let y = net.conv(`${name}.conv1`, x, { out: inner, kernel: 1, stride: first });
  y = net.relu(net.batchNorm(`${name}.bn1`, y));
  y = net.conv(`${name}.conv2`, y, { out: inner, kernel: 3, stride: second, padding: 1, groups });
  y = net.relu(net.batchNorm(`${name}.bn2`, y));
  return net.batchNorm(`${name}.bn3`, net.conv(`${name}.conv3`, y, { out: 4 * width, kernel: 1 }));
}

function resnet(net: Network, classes: number, layout: Layout): Heads {
  let x = net.conv("conv1", net.input, { out: 64, kernel: 7, stride: 2, padding: 3 });
  x = net.relu(net.batchNorm("bn1", x));
  const border = layout.firstPool === "cut" ? { ceil: true } : { padding: 1 };
  x = net.maxPool(x, { kernel: 3, stride: 2, ...border });
  for (const [stage, depth] of layout.depths.entries()) {
    for (let i = 0; i < depth; i++) {
      const name = `layer${stage + 1}.${i}`;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      let y = layout.residual(net, name, x, { ...layout, width: 64 * 2 ** stage, stride });
      if (layout.hasGate === true) {
        const squeeze = Math.floor((y.shape[0] ?? 0) / 16);
        y = squeezeExcite(net, `${name}.se`, y, { squeeze, activation: "relu", gate: "sigmoid" });
      }
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

const D18 = [2, 2, 2, 2] as const;
const D50 = [3, 4, 6, 3] as const;
const D101 = [3, 4, 23, 3] as const;
const D152 = [3, 8, 36, 3] as const;
const X4 = { residual: bottleneck, groups: 32, base: 4 } as const;
const X8 = { residual: bottleneck, groups: 32, base: 8 } as const;

type Row = readonly [name: string, family: string, Layout, top1: number];

/** The stride is on the 3×3. */
const TORCHVISION: readonly Row[] = [
  ["resnet18", "ResNet", { residual: basic, depths: D18 }, 69.758],
  ["resnet34", "ResNet", { residual: basic, depths: D50 }, 73.314],
  ["resnet50", "ResNet", { residual: bottleneck, depths: D50 }, 76.13],
  ["resnet101", "ResNet", { residual: bottleneck, depths: D101 }, 77.374],
  ["resnet152", "ResNet", { residual: bottleneck, depths: D152 }, 78.312],
  ["resnext50_32x4d", "ResNeXt", { ...X4, depths: D50 }, 77.618],
  ["resnext101_32x8d", "ResNeXt", { ...X8, depths: D101 }, 79.312],
];

/** A name that ends in "b" is pytorchcv's for the stride on the 3×3; without it, bottlenecks have it on the 1×1. */
const PYTORCHCV: readonly Row[] = [
  ["resnet50b", "ResNet", { residual: bottleneck, depths: D50 }, 77.61],
  ["resnet101b", "ResNet", { residual: bottleneck, depths: D101 }, 79.41],
  ["resnet152b", "ResNet", { residual: bottleneck, depths: D152 }, 80.99],
  ["resnext101_32x4d", "ResNeXt", { ...X4, depths: D101 }, 81.22],
  ["seresnet50", "SE-ResNet", seResnet(D50, "1x1"), 78.78],
  ["seresnet50b", "SE-ResNet", seResnet(D50, "3x3"), 79.21],
  ["seresnet101", "SE-ResNet", seResnet(D101, "1x1"), 80.76],
  ["seresnet101b", "SE-ResNet", seResnet(D101, "3x3"), 80.3],
  ["seresnet152", "SE-ResNet", seResnet(D152, "1x1"), 81.28],
  ["seresnext50_32x4d", "SE-ResNeXt", { ...X4, depths: D50, hasGate: true }, 81.06],
  ["seresnext101_32x4d", "SE-ResNeXt", { ...X4, depths: D101, hasGate: true }, 80.64],
];

function seResnet(depths: Layout["depths"], strideOn: "1x1" | "3x3"): Layout {
  return { residual: bottleneck, depths, hasGate: true, strideOn };
}

/** pytorchcv's ResNets of the same name have the stride elsewhere, and nothing in the weights shows it. */
function torchvisionNamings(layout: Layout): readonly Naming[] {
  const strideOn = layout.groups === undefined ? "1x1" : "3x3";
  return [
    { library: "torchvision", rename: asDefined },
    { library: "timm", rename: asDefined },
    {
      library: "pytorchcv",
      rename: pytorchcvResnet,
      define: (net, classes) => resnet(net, classes, { ...layout, strideOn }),
    },
  ];
}

/** timm has the stride on the 3×3, except for the ports that it calls legacy. */
function pytorchcvNamings(layout: Layout): readonly Naming[] {
  const timm = { ...layout, strideOn: "3x3" } as const;
  const legacy = { ...layout, firstPool: "cut" } as const;
  const namings: readonly Naming[] = [
    { library: "pytorchcv", rename: pytorchcvResnet },
    {
      library: "timm",
      rename: asDefined,
      define: (net, classes) => resnet(net, classes, timm),
    },
  ];
  if (layout.hasGate !== true) return namings;
  const define: Naming["define"] = (net, classes) => resnet(net, classes, legacy);
  return [...namings, { library: "timm", rename: legacySeNet, define }];
}

function toArchitecture(
  [name, family, layout, top1]: Row,
  { source, namings }: Pick<Architecture, "source" | "namings">,
): Architecture {
  return {
    name,
    family,
    source,
    image: imagenet(),
    top1,
    define: (net, classes) => resnet(net, classes, layout),
    ...(namings !== undefined && { namings }),
  };
}

export const resnets: readonly Architecture[] = [
  ...TORCHVISION.map((row) =>
    toArchitecture(row, { source: "torchvision", namings: torchvisionNamings(row[2]) }),
  ),
  ...PYTORCHCV.map((row) =>
    toArchitecture(row, { source: "pytorchcv", namings: pytorchcvNamings(row[2]) }),
  ),
];
