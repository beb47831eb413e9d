import type { LayerNorm, Learned, Linear } from "../graph/operation.ts";
import type { NodeSink, Place } from "./node-sink.ts";

/** The same linear layer for every token: `[batch, tokens, in]` by `[in, out]`. */
export function emitTokenLinear(sink: NodeSink, layer: Linear, { input, out }: Place): void {
  const [rows = 0, columns = 0] = layer.weight.shape;
  const turned = transpose(sink.weightsOf(layer.weight), rows, columns);
  const weight = sink.floats(layer.weight.name, [columns, rows], turned);
  if (layer.bias === null) return sink.node("MatMul", [input, weight], [out]);
  sink.node("MatMul", [input, weight], [`${out}_product`]);
  sink.node("Add", [`${out}_product`, sink.parameter(layer.bias)], [out]);
}

export function emitLayerNorm(sink: NodeSink, norm: LayerNorm, { input, out }: Place): void {
  const constants = [sink.parameter(norm.weight), sink.parameter(norm.bias)];
  const attributes = { axis: -1, epsilon: { float: norm.epsilon } };
  sink.node("LayerNormalization", [input, ...constants], [out], attributes);
}

/** 0.5 · x · (1 + erf(x / √2)): opset 17 has no operator of its own, and the runtime merges these five. */
export function emitGelu(sink: NodeSink, { input, out }: Place): void {
  const constant = (name: string, value: number): string =>
    sink.floats(`${out}_${name}`, [], Float32Array.of(value));
  sink.node("Div", [input, constant("root2", Math.SQRT2)], [`${out}_scaled`]);
  sink.node("Erf", [`${out}_scaled`], [`${out}_erf`]);
  sink.node("Add", [`${out}_erf`, constant("one", 1)], [`${out}_sum`]);
  sink.node("Mul", [input, `${out}_sum`], [`${out}_twice`]);
  sink.node("Mul", [`${out}_twice`, constant("half", 0.5)], [out]);
}

/** `[batch, channels, height, width]` to `[batch, height * width, channels]`. */
export function emitTokens(sink: NodeSink, { input, shape, out }: Place): void {
  const [channels = 0, height = 0, width = 0] = shape;
  const flat = sink.integers(`${out}_shape`, [0, channels, height * width]); // 0: the batch as it is
  sink.node("Reshape", [input, flat], [`${out}_flat`]);
  sink.node("Transpose", [`${out}_flat`], [out], { perm: [0, 2, 1] });
}

export function emitFirstToken(sink: NodeSink, { input, shape, out }: Place): void {
  const first = sink.integers(`${out}_index`, [0]);
  sink.node("Gather", [input, first], [`${out}_token`], { axis: 1 });
  const flat = sink.integers(`${out}_shape`, [0, shape[1] ?? 0]);
  sink.node("Reshape", [`${out}_token`, flat], [out]);
}

export function emitLearned(sink: NodeSink, { kind, value }: Learned, place: Place): void {
  const { input, out } = place;
  const learned = sink.parameter(value);
  if (kind === "shift") return sink.node("Add", [input, learned], [out]);
  const rest = sink.integers(`${out}_rest`, value.shape.slice(1));
  sink.node("Shape", [input], [`${out}_batch`], { start: 0, end: 1 });
  sink.node("Concat", [`${out}_batch`, rest], [`${out}_shape`], { axis: 0 });
  sink.node("Expand", [learned, `${out}_shape`], [`${out}_token`]);
  sink.node("Concat", [`${out}_token`, input], [out], { axis: 1 });
}

/** Row-major `[rows, columns]` as `[columns, rows]`. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) turned[c * rows + r] = values[r * columns + c] ?? Number.NaN;
  }
  return turned;
}
