/** Field numbers and types of onnx.proto3, as far as a tiny graph needs them. */
const FLOAT = 1;
const UINT8 = 2;
const INT = 2;
const INTS = 7;

export interface TinyGraph {
  /** One factor per class: class c's number is the mean of channel c mod 3, times factor c. Made NaN, it gives NaN. */
  readonly factors: readonly number[];
  /** Passes over the pixels before; each costs time and changes nothing. */
  readonly idlePasses?: number;
  /** Whether the channels' means are told, too, as `float_embeddings`. */
  readonly hasEmbeddings?: boolean;
}

/**
 * Bytes of an ONNX graph that anybody can check by hand: input `pixels` uint8 [N, H, W, 3], output `probabilities`
 * [N, classes] = mean of a channel / 255 × factor.
 */
export function encodeTinyGraph({
  factors,
  idlePasses = 0,
  hasEmbeddings = false,
}: TinyGraph): Buffer {
  const classes = factors.length;
  const pick = Array.from({ length: 3 * classes }, (_, i) =>
    (i % classes) % 3 === Math.floor(i / classes) ? (factors[i % classes] ?? 0) / 255 : 0,
  );
  const passes = Array.from({ length: idlePasses }, (_, i) =>
    node("Sqrt", [i === 0 ? "square0" : `square${i}`], [`root${i}`]),
  );
  const nodes = [
    node("Cast", ["pixels"], ["float"], [attribute("to", INT, 3, FLOAT)]),
    ...(idlePasses === 0 ? [] : [node("Mul", ["float", "float"], ["square0"])]),
    ...passes.flatMap((pass, i) =>
      i === idlePasses - 1
        ? [pass]
        : [pass, node("Mul", [`root${i}`, `root${i}`], [`square${i + 1}`])],
    ),
    node(
      "ReduceMean",
      [idlePasses === 0 ? "float" : `root${idlePasses - 1}`],
      ["means"],
      [attribute("axes", INTS, 8, 1, 2), attribute("keepdims", INT, 3, 0)],
    ),
    node("MatMul", ["means", "pick"], ["probabilities"]),
    ...(hasEmbeddings ? [node("Identity", ["means"], ["float_embeddings"])] : []),
  ];
  const graph = message(
    ...nodes.map((bytes) => field(1, bytes)),
    field(2, "tiny"),
    field(5, tensor("pick", [3, classes], pick)),
    field(11, value("pixels", UINT8, ["n", "h", "w", 3])),
    field(12, value("probabilities", FLOAT, ["n", "c"])),
    ...(hasEmbeddings ? [field(12, value("float_embeddings", FLOAT, ["n", 3]))] : []),
  );
  const opset = message(field(1, ""), field(2, 13));
  return message(field(1, 8), field(7, graph), field(8, opset));
}

function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Buffer[] = [],
): Buffer {
  return message(
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, operator),
    ...attributes.map((bytes) => field(5, bytes)),
  );
}

function attribute(name: string, type: number, place: number, ...values: number[]): Buffer {
  return message(field(1, name), ...values.map((v) => field(place, v)), field(20, type));
}

function tensor(name: string, shape: readonly number[], values: readonly number[]): Buffer {
  const raw = Buffer.from(Float32Array.from(values).buffer);
  return message(...shape.map((n) => field(1, n)), field(2, FLOAT), field(8, name), field(9, raw));
}

function value(name: string, type: number, shape: readonly (string | number)[]): Buffer {
  const dimensions = shape.map((n) =>
    field(1, typeof n === "string" ? message(field(2, n)) : message(field(1, n))),
  );
  const tensorType = message(field(1, type), field(2, message(...dimensions)));
  return message(field(1, name), field(2, message(field(1, tensorType))));
}

function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

/** Numbers as varints (wire type 0), everything else with its length (wire type 2). */
function field(number: number, content: number | string | Buffer): Buffer {
  if (typeof content === "number") return Buffer.concat([varint(number << 3), varint(content)]);
  const bytes = Buffer.from(content);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(number: number): Buffer {
  const bytes: number[] = [];
  let left = number;
  while (left > 0x7f) {
    bytes.push((left & 0x7f) | 0x80);
    left >>>= 7;
  }
  return Buffer.from([...bytes, left]);
}
