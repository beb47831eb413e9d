import type { Graph, Operation, Parameter, Step } from "./operation.ts";

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
    case "layer-norm":
      return [operation.weight, operation.bias];
    case "prepend":
    case "shift":
      return [operation.value];
    case "channel-attention":
      return [operation.weight, operation.u, operation.v, operation.gamma];
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

/** Multiply-adds of one picture in convolutions, linear layers and attention, what papers call FLOPs or MACs. */
export function countMultiplyAdds(graph: Graph): number {
  return graph.steps.reduce((sum, step) => sum + multiplyAddsOf(step), 0);
}

function multiplyAddsOf({ operation, output }: Step): number {
  switch (operation.kind) {
    case "conv":
      return product(output.shape) * product(operation.weight.shape.slice(1));
    case "linear":
      return product(output.shape) * (operation.weight.shape[1] ?? 0);
    case "attention": {
      const [tokens = 0, features = 0] = output.shape;
      return 2 * tokens * tokens * features;
    }
    case "channel-attention": {
      const [channels = 0, ...pixels] = output.shape;
      return 3 * channels * channels * product(pixels);
    }
    default:
      return 0;
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}
