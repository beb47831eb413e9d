import type { Graph, Operation, Parameter } from "./operation.ts";

/** All learned tensors and statistics of a network, in the order of computation. */
export function listParameters(graph: Graph): Parameter[] {
  return graph.steps.flatMap(({ operation }) => parametersOf(operation));
}

function parametersOf(operation: Operation): Parameter[] {
  switch (operation.kind) {
    case "conv":
    case "linear":
      return operation.bias === null ? [operation.weight] : [operation.weight, operation.bias];
    case "batch-norm":
      return [operation.weight, operation.bias, operation.mean, operation.variance];
    default:
      return [];
  }
}

/** Number of trained weights, as the field counts parameters: running statistics left out. */
export function countParameters(graph: Graph): number {
  return listParameters(graph)
    .filter(({ isTrained }) => isTrained)
    .reduce((sum, { shape }) => sum + product(shape), 0);
}

/** Multiply-adds of one picture in convolutions and linear layers, what papers call FLOPs or MACs. */
export function countMultiplyAdds(graph: Graph): number {
  return graph.steps.reduce((sum, { operation, output }) => {
    if (operation.kind === "linear") return sum + product(operation.weight.shape);
    if (operation.kind !== "conv") return sum;
    const [, inner = 0, height = 0, width = 0] = operation.weight.shape;
    return sum + product(output.shape) * inner * height * width;
  }, 0);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
