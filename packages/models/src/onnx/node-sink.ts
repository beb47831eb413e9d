import type { Parameter } from "../graph/operation.ts";
import type { Node } from "./messages.ts";

/** Where the nodes of one operation go, in the order of computation. */
export interface NodeSink {
  node(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes?: Node["attributes"],
  ): void;
  /** Adds an initializer and gives its name; a shape without sizes is a scalar. */
  floats(name: string, shape: readonly number[], values: Float32Array): string;
  integers(name: string, values: readonly number[]): string;
  weightsOf(parameter: Parameter): Float32Array;
  /** Adds a parameter as it is, under its name in the state dict. */
  parameter(parameter: Parameter): string;
}

/** What an operation reads and gives. Names in between begin with `out`, so that they are unique. */
export interface Place {
  readonly input: string;
  /** Of the input, batch left out. */
  readonly shape: readonly number[];
  readonly out: string;
}
