import {
  encodeGraph,
  encodeModel,
  encodeNode,
  encodeTensor,
  encodeValueInfo,
  FLOAT,
  type Node,
} from "../onnx/messages.ts";
import type { Parts } from "../onnx/wire.ts";

/** TensorProto.DataType. */
const INT64 = 7;

export interface TinyClassifier {
  readonly input: string;
  readonly output: string;
  readonly inputType: number;
  readonly inputShape: readonly (number | string)[];
  readonly outputType: number;
  readonly outputShape: readonly (number | string)[];
  /** From `pooled`, the mean of each channel `[batch, 3]`, to the output. */
  readonly head: readonly Node[];
  /** Fields that are appended to GraphProto and ModelProto. */
  readonly moreGraph: Parts;
  readonly moreModel: Parts;
}

/**
 * A classifier as other exporters write them: three classes, whose scores are the means of the channels. Its one
 * initializer is listed as an input too, as old exporters do.
 */
export function tinyClassifier(change: Partial<TinyClassifier> = {}): Buffer {
  const output = change.output ?? "logits";
  const model: TinyClassifier = {
    input: "pixel_values",
    output,
    inputType: FLOAT,
    inputShape: ["n", 3, 4, 4],
    outputType: FLOAT,
    outputShape: ["n", 3],
    head: [{ operator: "Identity", inputs: ["pooled"], outputs: [output] }],
    moreGraph: [],
    moreModel: [],
    ...change,
  };
  const nodes: Node[] = [
    { operator: "GlobalAveragePool", inputs: [model.input], outputs: ["means"] },
    { operator: "Reshape", inputs: ["means", "rows"], outputs: ["pooled"] },
    ...model.head,
  ];
  const rows = new Uint8Array(BigInt64Array.of(0n, -1n).buffer);
  const graph = encodeGraph({
    name: "tiny",
    nodes: nodes.map(encodeNode),
    initializers: [encodeTensor({ name: "rows", type: INT64, shape: [2], data: rows })],
    inputs: [
      encodeValueInfo({ name: model.input, type: model.inputType, shape: model.inputShape }),
      encodeValueInfo({ name: "rows", type: INT64, shape: [2] }),
    ],
    outputs: [encodeValueInfo({ name: output, type: model.outputType, shape: model.outputShape })],
  });
  return Buffer.concat([...encodeModel([...graph, ...model.moreGraph]), ...model.moreModel]);
}
