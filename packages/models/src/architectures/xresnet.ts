import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { imagenet, type Architecture, type Heads } from "./architecture.ts";

interface Layout {
  /** Channels of a block's output for each of its width: 1 for basic blocks, 4 for bottlenecks. */
  readonly expansion: 1 | 4;
  readonly depths: readonly [number, number, number, number];
  /** Self-attention over the channels at the end of the first stage. */
  readonly hasAttention: boolean;
}

interface Block {
  readonly width: number;
  readonly stride: number;
  readonly expansion: 1 | 4;
  readonly hasAttention: boolean;
}

type Unit = Parameters<Network["conv"]>[2];

function unit(net: Network, name: string, x: Value, options: Unit): Value {
  return net.batchNorm(`${name}.1`, net.conv(`${name}.0`, x, options));
}

/** The basic block or the bottleneck; the stride is on the 3×3. */
function residual(net: Network, name: string, x: Value, block: Block): Value {
  const { width, stride, expansion } = block;
  const units: readonly Unit[] =
    expansion === 1
      ? [
          { out: width, kernel: 3, stride, padding: 1 },
          { out: width, kernel: 3, padding: 1 },
        ]
      : [
          { out: width, kernel: 1 },
          { out: width, kernel: 3, stride, padding: 1 },
          { out: 4 * width, kernel: 1 },
        ];
  let y = x;
  for (const [i, options] of units.entries()) {
    y = unit(net, `${name}.convpath.${i}`, y, options);
    if (i < units.length - 1) y = net.relu(y);
  }
  if (!block.hasAttention) return y;
  return net.channelAttention(`${name}.convpath.${units.length}`, y);
}

/** Halves the side by averaging, so that no pixel is skipped, then projects the channels. */
function shortcut(
  net: Network,
  name: string,
  x: Value,
  { width, stride, expansion }: Block,
): Value {
  const out = expansion * width;
  const smaller =
    stride === 1 ? x : net.averagePool(x, { kernel: stride, ceil: true, countsPadding: false });
  if (x.shape[0] === out) return smaller;
  return unit(net, `${name}.idpath.${stride === 1 ? 0 : 1}`, smaller, { out, kernel: 1 });
}

/** fastai's ResNet with three 3×3 convolutions as its stem. He et al. 2018, "Bag of tricks". */
function xresnet(
  net: Network,
  classes: number,
  { expansion, depths, hasAttention }: Layout,
): Heads {
  let x = net.input;
  for (const [i, out] of [32, 32, 64].entries()) {
    x = net.relu(unit(net, `${i}`, x, { out, kernel: 3, stride: i === 0 ? 2 : 1, padding: 1 }));
  }
  x = net.maxPool(x, { kernel: 3, stride: 2, padding: 1 });
  for (const [stage, depth] of depths.entries()) {
    for (let i = 0; i < depth; i++) {
      const name = `${4 + stage}.${i}`;
      const block: Block = {
        width: 64 * 2 ** stage,
        stride: stage > 0 && i === 0 ? 2 : 1,
        expansion,
        hasAttention: hasAttention && stage === 0 && i === depth - 1,
      };
      x = net.relu(net.add(residual(net, name, x, block), shortcut(net, name, x, block)));
    }
  }
  const embeddings = net.flatten(net.globalAveragePool(x));
  return { embeddings, logits: net.linear("11", embeddings, { out: classes }) };
}

const VARIANTS = [
  ["xresnet18", { expansion: 1, depths: [2, 2, 2, 2] }],
  ["xresnet34", { expansion: 1, depths: [3, 4, 6, 3] }],
  ["xresnet50", { expansion: 4, depths: [3, 4, 6, 3] }],
  ["xresnet101", { expansion: 4, depths: [3, 4, 23, 3] }],
  ["xresnet152", { expansion: 4, depths: [3, 8, 36, 3] }],
] as const;

/** Each plain and, with `_sa`, as fastai's `sa=True` makes it. fastai publishes no top-1 for any. */
export const xresnets: readonly Architecture[] = VARIANTS.flatMap(([name, layout]) =>
  [false, true].map((hasAttention): Architecture => ({
    name: hasAttention ? `${name}_sa` : name,
    family: "XResNet",
    source: "fastai",
    image: imagenet(),
    top1: null,
    define: (net, classes) => xresnet(net, classes, { ...layout, hasAttention }),
  })),
);
