/** What a test may change of the tiny classifier. */
export interface TinyOnnx {
  readonly inputShape: readonly (number | string)[];
  /** TensorProto.DataType. */
  readonly inputType: number;
  readonly outputShape: readonly (number | string)[];
  /**
   * `[operator, inputs, output]` from `pooled`, the mean of each channel `[batch, 3]`, to `logits`. `one_row` is the shape of a
   * single picture's scores, `[1, 3]`.
   */
  readonly head: readonly (readonly [
    operator: string,
    inputs: readonly string[],
    output: string,
  ])[];
  readonly opset: number;
  /** Location of a file in which an initializer is said to be. */
  readonly external: string | null;
}

/**
 * A classifier of three classes as a stranger's exporter writes it, by hand, so that each mistake can be made in it: the scores are
 * the means of the channels.
 */
export function tinyOnnx(change: Partial<TinyOnnx> = {}): Buffer {
  const model: TinyOnnx = {
    inputShape: ["n", 3, 4, 4],
    inputType: 1,
    outputShape: ["n", 3],
    head: [["Identity", ["pooled"], "logits"]],
    opset: 17,
    external: null,
    ...change,
  };
  const graph = [
    node("GlobalAveragePool", ["pixel_values"], "means"),
    node("Flatten", ["means"], "pooled"),
    ...model.head.map(([operator, inputs, output]) => node(operator, inputs, output)),
    text(2, "tiny"),
    oneRow(),
    ...(model.external === null ? [] : [externalTensor(model.external)]),
    message(11, port("pixel_values", model.inputType, model.inputShape)),
    message(12, port("logits", 1, model.outputShape)),
  ];
  return Buffer.concat([
    number(1, 8),
    text(2, "elsewhere"),
    message(7, graph),
    message(8, [number(2, model.opset)]),
  ]);
}

function node(operator: string, inputs: readonly string[], output: string): Buffer {
  return message(1, [...inputs.map((input) => text(1, input)), text(2, output), text(4, operator)]);
}

function port(name: string, type: number, shape: readonly (number | string)[]): Buffer[] {
  const dimensions = shape.map((size) =>
    message(1, [typeof size === "number" ? number(1, size) : text(2, size)]),
  );
  const tensorType = message(1, [number(1, type), message(2, dimensions)]);
  return [text(1, name), message(2, [tensorType])];
}

/** TensorProto of two int64. */
function oneRow(): Buffer {
  const numbers = Buffer.from(BigInt64Array.of(1n, 3n).buffer);
  return message(5, [number(1, 2), number(2, 7), text(8, "one_row"), message(9, [numbers])]);
}

/** TensorProto of three float32, kept elsewhere. */
function externalTensor(location: string): Buffer {
  const place = message(13, [text(1, "location"), text(2, location)]);
  return message(5, [number(1, 3), number(2, 1), text(8, "outer"), place, number(14, 1)]);
}

function number(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)]);
}

function text(field: number, value: string): Buffer {
  return message(field, [Buffer.from(value)]);
}

function message(field: number, parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([
    Buffer.from([...varint(field * 8 + 2), ...varint(content.length)]),
    content,
  ]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
