import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";
import { asDefined } from "../names/renaming.ts";
import { timmVit } from "../names/timm.ts";
import { olderVit } from "../names/torchvision.ts";
import { imagenet, type Architecture, type Heads } from "./architecture.ts";

/** The base size with patches of 16×16 pixels. Dosovitskiy et al. 2020, table 1. */
const BASE = { patch: 16, layers: 12, heads: 12, features: 768, hidden: 3072 } as const;

const epsilon = 1e-6;

/** Tokens look at each other, then each one thinks for itself. */
function encoderLayer(net: Network, name: string, x: Value): Value {
  const normed = net.layerNorm(`${name}.ln_1`, x, { epsilon });
  const attended = selfAttention(net, `${name}.self_attention`, normed);
  const y = net.add(x, attended);
  let z = net.layerNorm(`${name}.ln_2`, y, { epsilon });
  z = net.gelu(net.linear(`${name}.mlp.0`, z, { out: BASE.hidden }));
  return net.add(y, net.linear(`${name}.mlp.3`, z, { out: BASE.features }));
}

function selfAttention(net: Network, name: string, x: Value): Value {
  const packed = net.linear(`${name}.in_proj`, x, { out: 3 * BASE.features, joint: "_" });
  const mixed = net.attention(packed, { heads: BASE.heads });
  return net.linear(`${name}.out_proj`, mixed, { out: BASE.features });
}

function visionTransformer(net: Network, classes: number): Heads {
  const { patch, layers, features } = BASE;
  const patches = net.conv("conv_proj", net.input, {
    out: features,
    kernel: patch,
    stride: patch,
    bias: true,
  });
  let x = net.prepend("class_token", net.tokens(patches));
  x = net.shift("encoder.pos_embedding", x);
  for (let i = 0; i < layers; i++) x = encoderLayer(net, `encoder.layers.encoder_layer_${i}`, x);
  const embeddings = net.firstToken(net.layerNorm("encoder.ln", x, { epsilon }));
  return { embeddings, logits: net.linear("heads.head", embeddings, { out: classes }) };
}

export const visionTransformers: readonly Architecture[] = [
  {
    name: "vit_b_16",
    family: "ViT",
    source: "torchvision",
    image: imagenet(),
    top1: 81.072,
    define: visionTransformer,
    namings: [
      { library: "torchvision", rename: asDefined },
      { library: "torchvision", rename: olderVit },
      { library: "timm", rename: timmVit },
    ],
  },
];
