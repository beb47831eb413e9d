/** Row-major float32 numbers and their shape, the batch first. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A graph that can be run. `openToolSession` of @sluice/inference-onnx is one. */
export interface GraphSession extends AsyncDisposable {
  /** Feeds the graph's first input. @param outputs those wanted, all when left out */
  run(input: FloatTensor, outputs?: readonly string[]): Promise<ReadonlyMap<string, FloatTensor>>;
}

export interface GraphSessionOptions {
  /** Where the graph is written as the runtime runs it. */
  readonly optimizedGraphPath?: string;
}

/** Loads a graph from its bytes. */
export type OpenGraph = (model: Uint8Array, options?: GraphSessionOptions) => Promise<GraphSession>;
