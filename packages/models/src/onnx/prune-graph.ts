import { GRAPH, nameOf } from "./model-ports.ts";
import { readFields, type Field } from "./wire.ts";

/** A node and the values that it reads and writes. */
interface Edges {
  readonly field: Field;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** What a graph no longer needs. */
export interface Pruned {
  readonly nodes: ReadonlySet<Field>;
  /** Values that those nodes wrote; nothing that is kept reads one. */
  readonly values: ReadonlySet<string>;
  /** Names that only those nodes read: initializers, and inputs where initializers are listed as such. */
  readonly sources: ReadonlySet<string>;
}

/**
 * Finds what is left without a purpose when a value is no longer an output: the nodes that only lead to it, those that go on
 * from there, and the initializers that only they read.
 *
 * @param graph fields of GraphProto, nodes in topological order as ONNX demands
 * @param dropped the value
 */
export function pruneGraph(graph: readonly Field[], dropped: string): Pruned {
  const nodes = graph.filter(({ number }) => number === GRAPH.node).map(readEdges);
  const after = valuesAfter(nodes, dropped);
  const outputs = graph
    .filter(({ number }) => number === GRAPH.output)
    .map(({ bytes }) => nameOf(bytes));
  const needed = valuesBefore(
    nodes,
    outputs.filter((name) => !after.has(name)),
  );
  const leadsThere = valuesBefore(
    nodes,
    outputs.filter((name) => after.has(name)),
  );
  const values = new Set<string>();
  const removed = nodes.filter(({ inputs, outputs: written }) => {
    if (written.some((name) => needed.has(name))) return false;
    const isRemoved =
      written.some((name) => leadsThere.has(name)) || inputs.some((name) => values.has(name));
    if (isRemoved) for (const name of written) values.add(name);
    return isRemoved;
  });
  const gone = new Set(removed.map(({ field }) => field));
  const read = new Set(nodes.filter(({ field }) => !gone.has(field)).flatMap((n) => n.inputs));
  return {
    nodes: gone,
    values,
    sources: new Set(
      removed.flatMap(({ inputs }) => inputs.filter((n) => !read.has(n) && !needed.has(n))),
    ),
  };
}

/** The value and all that are computed from it. */
function valuesAfter(nodes: readonly Edges[], from: string): ReadonlySet<string> {
  const found = new Set([from]);
  for (const { inputs, outputs } of nodes) {
    if (inputs.some((name) => found.has(name))) for (const name of outputs) found.add(name);
  }
  return found;
}

/** The values and all that they are computed from. */
function valuesBefore(nodes: readonly Edges[], to: readonly string[]): ReadonlySet<string> {
  const found = new Set(to);
  for (const { inputs, outputs } of nodes.toReversed()) {
    if (outputs.some((name) => found.has(name))) for (const name of inputs) found.add(name);
  }
  return found;
}

/** NodeProto: inputs 1, outputs 2, attributes 5. The branches of a condition read values of the graph around them too. */
function readEdges(field: Field): Edges {
  const fields = readFields(field.bytes);
  const names = (wanted: number): string[] =>
    fields
      .filter(({ number }) => number === wanted)
      .map(({ bytes }) => bytes.toString("utf8"))
      .filter((name) => name !== "");
  const inside = fields.filter(({ number }) => number === 5).flatMap(readsInside);
  return { field, inputs: [...names(1), ...inside], outputs: names(2) };
}

/** AttributeProto: one graph 6, several 11. */
function readsInside({ bytes }: Field): string[] {
  return readFields(bytes)
    .filter(({ number, wireType }) => wireType === 2 && (number === 6 || number === 11))
    .flatMap((graph) =>
      readFields(graph.bytes).flatMap((inner) => {
        if (inner.number === GRAPH.node) return readEdges(inner).inputs;
        return inner.number === GRAPH.output ? [nameOf(inner.bytes)] : [];
      }),
    );
}
