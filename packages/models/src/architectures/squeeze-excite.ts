import type { Network } from "../graph/network.ts";
import type { Value } from "../graph/operation.ts";

interface Gate {
  /** Channels between the two layers. */
  readonly squeeze: number;
  readonly activation: "relu" | "silu";
  readonly gate: "sigmoid" | "hardSigmoid";
}

/** Weighs each channel by what all of them hold on average. Hu et al. 2017. */
export function squeezeExcite(net: Network, name: string, x: Value, options: Gate): Value {
  const channels = x.shape[0] ?? 0;
  const { squeeze, activation, gate } = options;
  const mean = net.globalAveragePool(x);
  const small = net.conv(`${name}.fc1`, mean, { out: squeeze, kernel: 1, bias: true });
  const back = { out: channels, kernel: 1, bias: true };
  return net.multiply(x, net[gate](net.conv(`${name}.fc2`, net[activation](small), back)));
}
