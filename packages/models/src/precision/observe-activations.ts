import type { Preprocessing } from "../directory/preprocessor-config.ts";
import { ModelError } from "../model-error.ts";
import { textField } from "../onnx/wire.ts";
import { ActivationStatistics } from "./activation-statistics.ts";
import type { FloatTensor, OpenGraph } from "./graph-session.ts";
import { writeOnnxGraph, type OnnxGraph } from "./onnx-graph.ts";
import { pictureTensor } from "./picture-tensor.ts";

/** Pictures that are run together at most. */
const MOST_TOGETHER = 4;
/** Numbers that are held at once, 256 MB: four pictures of a ResNet-50; one of an EfficientNet-B7 has fifteen times as many. */
const MOST_NUMBERS = 2 ** 26;

export interface Observation {
  /** The float network. */
  readonly graph: OnnxGraph;
  /** Whose values are wanted; the graph's input may be among them. */
  readonly tensors: ReadonlySet<string>;
  /** Pixels of each, see pictureTensor. */
  readonly pictures: readonly Uint8Array[];
  readonly preprocessing: Preprocessing;
  readonly openGraph: OpenGraph;
  /** Called with the number of pictures that are done. */
  readonly onProgress: (done: number) => void;
}

/**
 * Runs pictures through a network and notes what values its tensors take; tensors that are not float32 are left out.
 *
 * @throws ModelError when a tensor takes a value that is infinite or no number
 */
export async function observeActivations(
  observation: Observation,
): Promise<ReadonlyMap<string, ActivationStatistics>> {
  const { graph, tensors, pictures, preprocessing, onProgress } = observation;
  const statistics = new Map<string, ActivationStatistics>();
  await using session = await observation.openGraph(withOutputs(graph, tensors));
  const computed = [...tensors].filter((name) => !graph.inputs.has(name));
  let together = 1;
  for (let from = 0; from < pictures.length;) {
    const batch = pictures.slice(from, from + together);
    const input = pictureTensor(batch, preprocessing);
    const values = new Map<string, FloatTensor>(await session.run(input, computed));
    for (const name of graph.inputs.keys()) values.set(name, input);
    for (const [name, tensor] of values) note(statistics, { name, tensor, graph });
    const numbers = [...values.values()].reduce((sum, { data }) => sum + data.length, 0);
    together = Math.floor((MOST_NUMBERS * batch.length) / numbers);
    together = Math.max(1, Math.min(MOST_TOGETHER, together));
    from += batch.length;
    onProgress(from);
  }
  return statistics;
}

function note(
  statistics: Map<string, ActivationStatistics>,
  { name, tensor, graph }: { name: string; tensor: FloatTensor; graph: OnnxGraph },
): void {
  const noted = statistics.get(name) ?? new ActivationStatistics();
  statistics.set(name, noted);
  if (noted.add(tensor.data)) return;
  throw new ModelError(
    graph.name,
    `a picture gives values that are infinite or no numbers at ${name} (${producerOf(graph, name)}); the float model itself is broken, check its weights`,
  );
}

function producerOf(graph: OnnxGraph, name: string): string {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name));
  if (node === undefined) return "the input";
  const weights = node.inputs.find((input) => graph.initializers.has(input));
  return weights === undefined ? node.operator : `${node.operator} with ${weights}`;
}

/** The graph with more outputs. Their types are left out: the runtime infers them. */
function withOutputs(graph: OnnxGraph, tensors: ReadonlySet<string>): Uint8Array {
  const added = [...tensors].filter((name) => !graph.inputs.has(name) && !graph.outputs.has(name));
  const ports = added.map((name): [string, Uint8Array] => [name, textField(1, name)]);
  const outputs = new Map([...graph.outputs, ...ports]);
  return Buffer.concat(writeOnnxGraph({ ...graph, outputs }));
}
