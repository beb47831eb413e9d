import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { pytorchcvRegnet } from "../names/pytorchcv.ts";
import { asDefined } from "../names/renaming.ts";
import { timmRegnet } from "../names/timm.ts";
import { imagenet, type Architecture, type Heads, type Naming } from "./architecture.ts";
import { squeezeExcite } from "./squeeze-excite.ts";

interface Layout {
  readonly depths: readonly number[];
  readonly widths: readonly number[];
  /** Channels in each group of the 3×3 convolution. */
  readonly groupWidth: number;
}

interface Block {
  readonly width: number;
  readonly stride: number;
  readonly groupWidth: number;
}

function unit(
  net: Network,
  name: string,
  x: Value,
  options: Parameters<Network["conv"]>[2],
): Value {
  return net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, options));
}

/** 1×1, grouped 3×3, weigh the channels, 1×1; all of the same width. */
function residual(
  net: Network,
  name: string,
  x: Value,
  { width, stride, groupWidth }: Block,
): Value {
  let y = net.relu(unit(net, `${name}.a`, x, { out: width, kernel: 1 }));
  const groups = width / groupWidth;
  y = net.relu(unit(net, `${name}.b`, y, { out: width, kernel: 3, stride, padding: 1, groups }));
  // The squeeze is a quarter of what the block reads, not of its own width.
  const squeeze = Math.round((x.shape[0] ?? 0) / 4);
  y = squeezeExcite(net, `${name}.se`, y, { squeeze, activation: "relu", gate: "sigmoid" });
  return unit(net, `${name}.c`, y, { out: width, kernel: 1 });
}

/** RegNet-Y, Radosavovic et al. 2020. */
function regnet(net: Network, classes: number, { depths, widths, groupWidth }: Layout): Heads {
  let x = net.relu(unit(net, "stem", net.input, { out: 32, kernel: 3, stride: 2, padding: 1 }));
  for (const [stage, depth] of depths.entries()) {
    const width = widths[stage] ?? 0;
    for (let i = 0; i < depth; i++) {
      const name = `trunk_output.block${stage + 1}.block${stage + 1}-${i}`;
      const stride = i === 0 ? 2 : 1;
      const passed = i === 0 ? unit(net, `${name}.proj`, x, { out: width, kernel: 1, stride }) : x;
      const y = residual(net, `${name}.f`, x, { width, stride, groupWidth });
      x = net.relu(net.add(passed, y));
    }
  }
  const embeddings = net.flatten(net.globalAveragePool(x));
  return { embeddings, logits: net.linear("fc", embeddings, { out: classes }) };
}

type Row = readonly [
  name: string,
  depths: readonly number[],
  widths: readonly number[],
  groupWidth: number,
  top1: number,
];

/** The paper's linear rule for widths, worked out (torchvision 0.14, `BlockParams.from_init_params`). */
const VARIANTS: readonly Row[] = [
  ["regnet_y_400mf", [1, 3, 6, 6], [48, 104, 208, 440], 8, 74.046],
  ["regnet_y_800mf", [1, 3, 8, 2], [64, 144, 320, 784], 16, 76.42],
  ["regnet_y_1_6gf", [2, 6, 17, 2], [48, 120, 336, 888], 24, 77.95],
  ["regnet_y_3_2gf", [2, 5, 13, 1], [72, 216, 576, 1512], 24, 78.948],
  ["regnet_y_8gf", [2, 4, 10, 1], [224, 448, 896, 2016], 56, 80.032],
  ["regnet_y_16gf", [2, 4, 11, 1], [224, 448, 1232, 3024], 112, 80.424],
  ["regnet_y_32gf", [2, 5, 12, 1], [232, 696, 1392, 3712], 232, 80.878],
];

/** Widths of the paper's own models, where torchvision rounded otherwise. */
const PAPER_WIDTHS: Readonly<Record<string, readonly number[]>> = {
  regnet_y_800mf: [64, 128, 320, 768],
  regnet_y_8gf: [168, 448, 896, 2016],
};

function namingsOf(name: string, layout: Layout): readonly Naming[] {
  const widths = PAPER_WIDTHS[name] ?? layout.widths;
  const define: Naming["define"] = (net, classes) => regnet(net, classes, { ...layout, widths });
  return [
    { library: "torchvision", rename: asDefined },
    { library: "timm", rename: timmRegnet, define },
    { library: "pytorchcv", rename: pytorchcvRegnet, define },
  ];
}

export const regnets: readonly Architecture[] = VARIANTS.map(
  ([name, depths, widths, groupWidth, top1]) => ({
    name,
    family: "RegNet-Y",
    source: "torchvision",
    image: imagenet(),
    top1,
    define: (net, classes) => regnet(net, classes, { depths, widths, groupWidth }),
    namings: namingsOf(name, { depths, widths, groupWidth }),
  }),
);
