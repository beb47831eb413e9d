import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { pytorchcvEfficientnet, timmEfficientnet } from "../names/efficientnet.ts";
import { asDefined } from "../names/renaming.ts";
import { imagenet, type Architecture, type Heads, type ImageSettings } from "./architecture.ts";
import { scaleChannels } from "./scale-channels.ts";
import { squeezeExcite } from "./squeeze-excite.ts";

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
}

interface Style {
  /** Batch norm's. */
  readonly epsilon: number;
  /** Where a stride of 2 begins: in the middle of the padding, as torch has it, or where TensorFlow's "same" puts it. */
  readonly padding: "symmetric" | "same";
}

const TORCH: Style = { epsilon: 1e-5, padding: "symmetric" };
/** Weights that were trained with TensorFlow. */
const TENSORFLOW: Style = { epsilon: 0.001, padding: "same" };

interface Block {
  readonly expand: number;
  readonly kernel: number;
  readonly stride: number;
  readonly out: number;
}

/** Inverted bottleneck with squeeze-and-excitation: expand, filter each channel, weigh the channels, project. */
function mbconv(net: Network, name: string, x: Value, block: Block & Style): Value {
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
  const padding = block.padding === "same" ? "same" : (kernel - 1) / 2;
  y = net.conv(`${filter}.0`, y, { out: wide, kernel, stride, padding, groups: wide });
  y = net.silu(net.batchNorm(`${filter}.1`, y, { epsilon }));
  const squeeze = Math.max(1, Math.floor(channels / 4));
  y = squeezeExcite(net, nextName(), y, { squeeze, activation: "silu", gate: "sigmoid" });
  const project = nextName();
  y = net.batchNorm(`${project}.1`, net.conv(`${project}.0`, y, { out, kernel: 1 }), { epsilon });
  return stride === 1 && out === channels ? net.add(y, x) : y;
}

function efficientnet(net: Network, classes: number, layout: Scale & Style): Heads {
  const { width, epsilon } = layout;
  const stem = scaleChannels(32, width);
  const padding = layout.padding === "same" ? "same" : 1;
  let x = net.conv("features.0.0", net.input, { out: stem, kernel: 3, stride: 2, padding });
  x = net.silu(net.batchNorm("features.0.1", x, { epsilon }));
  const repeats = repeatsOf(layout);
  for (const [i, [expand, kernel, stride, channels]] of STAGES.entries()) {
    const out = scaleChannels(channels, width);
    for (let block = 0; block < (repeats[i] ?? 0); block++) {
      const options = { ...layout, expand, kernel, stride: block === 0 ? stride : 1, out };
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
  scale: Scale,
  image: Partial<ImageSettings>,
  top1: number,
  /** timm's `tf_efficientnet_*.ns_jft_in1k`. */
  noisyStudent: Readonly<{ top1: number; crop: number; cropPct: number }>,
];

/** Scales and preprocessing of torchvision 0.14's IMAGENET1K_V1 weights. */
const VARIANTS: readonly Row[] = [
  [
    "efficientnet_b0",
    { width: 1, depth: 1 },
    { resize: 256, crop: 224 },
    77.692,
    { top1: 78.668, crop: 224, cropPct: 0.875 },
  ],
  [
    "efficientnet_b1",
    { width: 1, depth: 1.1 },
    { resize: 256, crop: 240 },
    78.642,
    { top1: 81.388, crop: 240, cropPct: 0.882 },
  ],
  [
    "efficientnet_b2",
    { width: 1.1, depth: 1.2 },
    { resize: 288, crop: 288 },
    80.608,
    { top1: 82.412, crop: 260, cropPct: 0.89 },
  ],
  [
    "efficientnet_b3",
    { width: 1.2, depth: 1.4 },
    { resize: 320, crop: 300 },
    82.008,
    { top1: 84.054, crop: 300, cropPct: 0.904 },
  ],
  [
    "efficientnet_b4",
    { width: 1.4, depth: 1.8 },
    { resize: 384, crop: 380 },
    83.384,
    { top1: 85.156, crop: 380, cropPct: 0.922 },
  ],
  [
    "efficientnet_b5",
    { width: 1.6, depth: 2.2 },
    { resize: 456, crop: 456 },
    83.444,
    { top1: 86.088, crop: 456, cropPct: 0.934 },
  ],
  [
    "efficientnet_b6",
    { width: 1.8, depth: 2.6 },
    { resize: 528, crop: 528 },
    84.008,
    { top1: 86.456, crop: 528, cropPct: 0.942 },
  ],
  [
    "efficientnet_b7",
    { width: 2, depth: 3.1 },
    { resize: 600, crop: 600 },
    84.122,
    { top1: 86.84, crop: 600, cropPct: 0.949 },
  ],
];

/** Blocks of each stage. */
function repeatsOf({ depth }: Scale): number[] {
  return STAGES.map(([, , , , repeats]) => Math.ceil(repeats * depth));
}

/** torchvision trained B5 to B7 with TensorFlow's epsilon, timm did not. */
function torchvisionNet([name, scale, image, top1]: Row): Architecture {
  const own = scale.width >= 1.6 ? { ...TORCH, epsilon: 0.001 } : TORCH;
  const define: Architecture["define"] = (net, classes) =>
    efficientnet(net, classes, { ...scale, ...TORCH });
  return {
    name,
    family: "EfficientNet",
    source: "torchvision",
    image: { ...imagenet({ interpolation: "bicubic" }), ...image },
    top1,
    define: (net, classes) => efficientnet(net, classes, { ...scale, ...own }),
    namings: [
      { library: "torchvision", rename: asDefined },
      { library: "timm", rename: timmEfficientnet, define },
      { library: "pytorchcv", rename: pytorchcvEfficientnet(repeatsOf(scale)), define },
    ],
  };
}

/** timm's and geffnet's `tf_efficientnet_*`; pytorchcv has the same networks as `efficientnet_b0b`, `…b0c`. */
function tensorflowNet([name, scale, , , { top1, crop, cropPct }]: Row): Architecture {
  const resize = Math.floor(crop / cropPct);
  return {
    name: `tf_${name}`,
    family: "EfficientNet",
    source: "timm",
    image: imagenet({ resize, crop, interpolation: "bicubic" }),
    top1,
    define: (net, classes) => efficientnet(net, classes, { ...scale, ...TENSORFLOW }),
    namings: [
      { library: "timm", rename: timmEfficientnet },
      { library: "pytorchcv", rename: pytorchcvEfficientnet(repeatsOf(scale)) },
    ],
  };
}

export const efficientnets: readonly Architecture[] = [
  ...VARIANTS.map(torchvisionNet),
  ...VARIANTS.map(tensorflowNet),
];
