import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { imagenet, type Architecture, type Heads, type ImageSettings } from "./architecture.ts";

/** Expansion, kernel, stride, output channels, repetitions of each stage of B0. Tan and Le 2019, table 1. */
const STAGES = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

interface Scale {
  readonly width: number;
  readonly depth: number;
  /** Batch norm's; B5 to B7 were trained with another one than B0 to B4. */
  readonly epsilon: number;
}

/** Channels are scaled and rounded to a multiple of 8, never down by more than a tenth. */
function scaleChannels(channels: number, width: number): number {
  const scaled = channels * width;
  const rounded = Math.max(8, Math.floor((scaled + 4) / 8) * 8);
  return rounded < 0.9 * scaled ? rounded + 8 : rounded;
}

interface Block {
  readonly expand: number;
  readonly kernel: number;
  readonly stride: number;
  readonly out: number;
}

/** Inverted bottleneck with squeeze-and-excitation: expand, filter each channel, weigh the channels, project. */
function mbconv(net: Network, name: string, x: Value, block: Block & { epsilon: number }): Value {
  const { expand, kernel, stride, out, epsilon } = block;
  const channels = x.shape[0] ?? 0;
  const wide = expand === 1 ? channels : scaleChannels(channels * expand, 1);
  let layer = 0;
  let y = x;
  const nextName = (): string => `${name}.block.${layer++}`;
  if (wide !== channels) {
    const at = nextName();
    y = net.conv(`${at}.0`, y, { out: wide, kernel: 1 });
    y = net.silu(net.batchNorm(`${at}.1`, y, { epsilon }));
  }
  const filter = nextName();
  const padding = (kernel - 1) / 2;
  y = net.conv(`${filter}.0`, y, { out: wide, kernel, stride, padding, groups: wide });
  y = net.silu(net.batchNorm(`${filter}.1`, y, { epsilon }));
  y = squeezeExcite(net, nextName(), y, Math.max(1, Math.floor(channels / 4)));
  const project = nextName();
  y = net.batchNorm(`${project}.1`, net.conv(`${project}.0`, y, { out, kernel: 1 }), { epsilon });
  return stride === 1 && out === channels ? net.add(y, x) : y;
}

function squeezeExcite(net: Network, name: string, x: Value, squeeze: number): Value {
  const mean = net.globalAveragePool(x);
  const small = net.silu(net.conv(`${name}.fc1`, mean, { out: squeeze, kernel: 1, bias: true }));
  const gate = net.conv(`${name}.fc2`, small, { out: x.shape[0] ?? 0, kernel: 1, bias: true });
  return net.multiply(x, net.sigmoid(gate));
}

function efficientnet(net: Network, classes: number, { width, depth, epsilon }: Scale): Heads {
  const stem = scaleChannels(32, width);
  let x = net.conv("features.0.0", net.input, { out: stem, kernel: 3, stride: 2, padding: 1 });
  x = net.silu(net.batchNorm("features.0.1", x, { epsilon }));
  for (const [i, [expand, kernel, stride, channels, repeats]] of STAGES.entries()) {
    const out = scaleChannels(channels, width);
    for (let block = 0; block < Math.ceil(repeats * depth); block++) {
      const options = { expand, kernel, stride: block === 0 ? stride : 1, out, epsilon };
      x = mbconv(net, `features.${i + 1}.${block}`, x, options);
    }
  }
  const last = 4 * scaleChannels(320, width);
  x = net.batchNorm("features.8.1", net.conv("features.8.0", x, { out: last, kernel: 1 }), {
    epsilon,
  });
  const embeddings = net.flatten(net.globalAveragePool(net.silu(x)));
  return { embeddings, logits: net.linear("classifier.1", embeddings, { out: classes }) };
}

type Row = readonly [
  name: string,
  width: number,
  depth: number,
  Partial<ImageSettings>,
  top1: number,
];

/** Scales and preprocessing of torchvision 0.14's IMAGENET1K_V1 weights. */
const VARIANTS: readonly Row[] = [
  ["efficientnet_b0", 1, 1, { resize: 256, crop: 224 }, 77.692],
  ["efficientnet_b1", 1, 1.1, { resize: 256, crop: 240 }, 78.642],
  ["efficientnet_b2", 1.1, 1.2, { resize: 288, crop: 288 }, 80.608],
  ["efficientnet_b3", 1.2, 1.4, { resize: 320, crop: 300 }, 82.008],
  ["efficientnet_b4", 1.4, 1.8, { resize: 384, crop: 380 }, 83.384],
  ["efficientnet_b5", 1.6, 2.2, { resize: 456, crop: 456 }, 83.444],
  ["efficientnet_b6", 1.8, 2.6, { resize: 528, crop: 528 }, 84.008],
  ["efficientnet_b7", 2, 3.1, { resize: 600, crop: 600 }, 84.122],
];

export const efficientnets: readonly Architecture[] = VARIANTS.map(
  ([name, width, depth, image, top1]) => ({
    name,
    family: "EfficientNet",
    source: "torchvision",
    image: { ...imagenet({ interpolation: "bicubic" }), ...image },
    top1,
    define: (net, classes) =>
      efficientnet(net, classes, { width, depth, epsilon: width >= 1.6 ? 0.001 : 1e-5 }),
  }),
);
