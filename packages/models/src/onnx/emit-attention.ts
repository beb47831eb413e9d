import type { Attention, ChannelAttention } from "../graph/operation.ts";
import type { NodeSink, Place } from "./node-sink.ts";

/** softmax(Q·Kᵀ / √d)·V for each head. Vaswani et al. 2017; queries, keys and values packed as torch packs them. */
export function emitAttention(sink: NodeSink, { heads }: Attention, place: Place): void {
  const { input, shape, out } = place;
  const [tokens = 0, packed = 0] = shape;
  const features = packed / 3;
  const perHead = features / heads;
  const parts = ["q", "k", "v"].map((part) => `${out}_${part}`);
  const split = sink.integers(`${out}_sizes`, [features, features, features]);
  sink.node("Split", [input, split], parts, { axis: 2 });
  const byHead = sink.integers(`${out}_by_head`, [0, tokens, heads, perHead]);
  for (const part of parts) {
    sink.node("Reshape", [part, byHead], [`${part}_wide`]);
    const perm = part.endsWith("_k") ? [0, 2, 3, 1] : [0, 2, 1, 3];
    sink.node("Transpose", [`${part}_wide`], [`${part}_heads`], { perm });
  }
  const scale = sink.floats(`${out}_scale`, [], Float32Array.of(1 / Math.sqrt(perHead)));
  sink.node("MatMul", [`${out}_q_heads`, `${out}_k_heads`], [`${out}_dots`]);
  sink.node("Mul", [`${out}_dots`, scale], [`${out}_scaled`]);
  sink.node("Softmax", [`${out}_scaled`], [`${out}_shares`], { axis: -1 });
  sink.node("MatMul", [`${out}_shares`, `${out}_v_heads`], [`${out}_mixed`]);
  sink.node("Transpose", [`${out}_mixed`], [`${out}_turned`], { perm: [0, 2, 1, 3] });
  const joined = sink.integers(`${out}_joined`, [0, tokens, features]);
  sink.node("Reshape", [`${out}_turned`, joined], [out]);
}

export function emitChannelAttention(
  sink: NodeSink,
  operation: ChannelAttention,
  { input, shape, out }: Place,
): void {
  const [channels = 0, height = 0, width = 0] = shape;
  const normed = divideBySpectralNorm(sink, operation);
  const weight = sink.floats(operation.weight.name, [channels, channels], normed);
  const gamma = sink.parameter(operation.gamma);
  const flat = sink.integers(`${out}_flat_shape`, [0, channels, height * width]);
  sink.node("Reshape", [input, flat], [`${out}_x`]);
  sink.node("Transpose", [`${out}_x`], [`${out}_xt`], { perm: [0, 2, 1] });
  sink.node("MatMul", [`${out}_x`, `${out}_xt`], [`${out}_xxt`]);
  sink.node("MatMul", [weight, `${out}_x`], [`${out}_wx`]);
  sink.node("MatMul", [`${out}_xxt`, `${out}_wx`], [`${out}_product`]);
  sink.node("Mul", [`${out}_product`, gamma], [`${out}_weighed`]);
  sink.node("Add", [`${out}_weighed`, `${out}_x`], [`${out}_sum`]);
  const whole = sink.integers(`${out}_shape`, [0, channels, height, width]);
  sink.node("Reshape", [`${out}_sum`, whole], [out]);
}

/** W / (uᵀ·W·v), as torch.nn.utils.spectral_norm does it outside of training: u and v are taken as they were stored. */
function divideBySpectralNorm(sink: NodeSink, operation: ChannelAttention): Float32Array {
  const matrix = sink.weightsOf(operation.weight);
  const [u, v] = [sink.weightsOf(operation.u), sink.weightsOf(operation.v)];
  let norm = 0;
  for (let r = 0; r < u.length; r++) {
    for (let c = 0; c < v.length; c++) {
      norm += (u[r] ?? 0) * (matrix[r * v.length + c] ?? 0) * (v[c] ?? 0);
    }
  }
  return matrix.map((value) => value / norm);
}
