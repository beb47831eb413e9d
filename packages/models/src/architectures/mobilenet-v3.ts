import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { flatBlocks, numberBlocks, type BlockShape } from "../names/inverted-residual.ts";
import { asDefined, renaming } from "../names/renaming.ts";
import { timmInverted } from "../names/timm.ts";
import { imagenet, type Architecture, type Heads, type Naming } from "./architecture.ts";
import { scaleChannels } from "./scale-channels.ts";
import { squeezeExcite } from "./squeeze-excite.ts";

/** Kernel, expanded channels, output channels, squeeze-and-excitation, activation, stride. */
type Row = readonly [
  kernel: number,
  expanded: number,
  out: number,
  hasGate: boolean,
  activation: "relu" | "hardSwish",
  stride: number,
];

/** Howard et al. 2019, table 1. */
const LARGE: readonly Row[] = [
  [3, 16, 16, false, "relu", 1],
  [3, 64, 24, false, "relu", 2],
  [3, 72, 24, false, "relu", 1],
  [5, 72, 40, true, "relu", 2],
  [5, 120, 40, true, "relu", 1],
  [5, 120, 40, true, "relu", 1],
  [3, 240, 80, false, "hardSwish", 2],
  [3, 200, 80, false, "hardSwish", 1],
  [3, 184, 80, false, "hardSwish", 1],
  [3, 184, 80, false, "hardSwish", 1],
  [3, 480, 112, true, "hardSwish", 1],
  [3, 672, 112, true, "hardSwish", 1],
  [5, 672, 160, true, "hardSwish", 2],
  [5, 960, 160, true, "hardSwish", 1],
  [5, 960, 160, true, "hardSwish", 1],
];

/** The same, table 2. */
const SMALL: readonly Row[] = [
  [3, 16, 16, true, "relu", 2],
  [3, 72, 24, false, "relu", 2],
  [3, 88, 24, false, "relu", 1],
  [5, 96, 40, true, "hardSwish", 2],
  [5, 240, 40, true, "hardSwish", 1],
  [5, 240, 40, true, "hardSwish", 1],
  [5, 120, 48, true, "hardSwish", 1],
  [5, 144, 48, true, "hardSwish", 1],
  [5, 288, 96, true, "hardSwish", 2],
  [5, 576, 96, true, "hardSwish", 1],
  [5, 576, 96, true, "hardSwish", 1],
];

/** Batch norm's: torchvision's, and of timm's own training. */
const V3_EPSILON = 0.001;
const TIMM_EPSILON = 1e-5;

interface LayoutV3 {
  readonly rows: readonly Row[];
  /** Features of the hidden layer before the classifier. */
  readonly last: number;
  /** Blocks of each resolution and width, as the paper's tables are grouped. */
  readonly stages: readonly number[];
}

const V3_LARGE: LayoutV3 = { rows: LARGE, last: 1280, stages: [1, 2, 3, 4, 2, 3] };
const V3_SMALL: LayoutV3 = { rows: SMALL, last: 1024, stages: [1, 2, 3, 2, 3] };

interface Style {
  readonly epsilon: number;
}

type Unit = Parameters<Network["conv"]>[2];

function unit(net: Network, name: string, x: Value, options: Unit & Style): Value {
  const { epsilon } = options;
  return net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, options), { epsilon });
}

function blockV3(
  net: Network,
  name: string,
  x: Value,
  { row, epsilon }: Style & { row: Row },
): Value {
  const [kernel, expanded, out, hasGate, activation, stride] = row;
  const channels = x.shape[0] ?? 0;
  const activate = (value: Value): Value => net[activation](value);
  let layer = 0;
  const nextName = (): string => `${name}.block.${layer++}`;
  let y = x;
  if (expanded !== channels) {
    y = activate(unit(net, nextName(), y, { out: expanded, kernel: 1, epsilon }));
  }
  const padding = (kernel - 1) / 2;
  const filter = { out: expanded, kernel, stride, padding, groups: expanded, epsilon };
  y = activate(unit(net, nextName(), y, filter));
  if (hasGate) {
    const squeeze = scaleChannels(Math.floor(expanded / 4), 1);
    const gate = { squeeze, activation: "relu", gate: "hardSigmoid" } as const;
    y = squeezeExcite(net, nextName(), y, gate);
  }
  y = unit(net, nextName(), y, { out, kernel: 1, epsilon });
  return stride === 1 && out === channels ? net.add(x, y) : y;
}

function mobilenetV3(net: Network, classes: number, layout: LayoutV3 & Style): Heads {
  const { rows, last, epsilon } = layout;
  const stem = { out: 16, kernel: 3, stride: 2, padding: 1, epsilon };
  let x = net.hardSwish(unit(net, "features.0", net.input, stem));
  for (const [i, row] of rows.entries()) {
    x = blockV3(net, `features.${i + 1}`, x, { row, epsilon });
  }
  const wide = { out: 6 * (x.shape[0] ?? 0), kernel: 1, epsilon };
  x = net.hardSwish(unit(net, `features.${rows.length + 1}`, x, wide));
  const mean = net.flatten(net.globalAveragePool(x));
  const embeddings = net.hardSwish(net.linear("classifier.0", mean, { out: last }));
  return { embeddings, logits: net.linear("classifier.3", embeddings, { out: classes }) };
}

function timmV3(layout: LayoutV3): Naming {
  const { rows, stages } = layout;
  const shapes = numberBlocks(stages).map((place, i): BlockShape => {
    const [, expanded = 0, , hasGate = false] = rows[i] ?? [];
    const channels = i === 0 ? 16 : (rows[i - 1]?.[2] ?? 0);
    return { ...place, hasExpansion: expanded !== channels, hasGate };
  });
  const end = new RegExp(`^features\\.${rows.length + 1}\\.`, "u");
  const outside = renaming(
    [/^features\.0\.0\./u, "conv_stem."],
    [/^features\.0\.1\./u, "bn1."],
    [end, `blocks.${stages.length}.0.`],
    [/^(blocks\.\d\.0)\.0\./u, "$1.conv."],
    [/^(blocks\.\d\.0)\.1\./u, "$1.bn1."],
    [/^classifier\.0\./u, "conv_head."],
    [/^classifier\.3\./u, "classifier."],
  );
  return {
    library: "timm",
    rename: timmInverted(flatBlocks(shapes), outside),
    define: (net, classes) => mobilenetV3(net, classes, { ...layout, epsilon: TIMM_EPSILON }),
  };
}

const shared = { family: "MobileNet", source: "torchvision", image: imagenet() } as const;
const own: Naming = { library: "torchvision", rename: asDefined };

export const mobilenetV3s: readonly Architecture[] = [
  {
    ...shared,
    name: "mobilenet_v3_large",
    top1: 74.042,
    define: (net, classes) => mobilenetV3(net, classes, { ...V3_LARGE, epsilon: V3_EPSILON }),
    namings: [own, timmV3(V3_LARGE)],
  },
  {
    ...shared,
    name: "mobilenet_v3_small",
    top1: 67.668,
    define: (net, classes) => mobilenetV3(net, classes, { ...V3_SMALL, epsilon: V3_EPSILON }),
    namings: [own, timmV3(V3_SMALL)],
  },
];
