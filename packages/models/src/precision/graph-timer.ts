import type { PixelSpec } from "@sluice/inference";

/** A production graph that is to be timed. */
export interface TimedGraph {
  /** Name for people. */
  readonly model: string;
  readonly graphPath: string;
  readonly classes: number;
  readonly spec: PixelSpec;
}

export type GraphTiming =
  | {
      readonly kind: "timed";
      /** Milliseconds of one batch, per round. */ readonly roundsMs: readonly number[];
    }
  /** It does not load or run here. */
  | { readonly kind: "failed"; readonly message: string };

/** Port: runs graphs as a worker's device would, and says how long they take. `openGraphTimer` of @sluice/inference-onnx is one. */
export interface GraphTimer {
  /** ONNX Runtime's name of the execution provider. */
  readonly provider: string;
  /** All that timings depend on beside the graphs: with another value they are taken anew. */
  readonly conditions: Readonly<Record<string, string | number>>;
  /** See VariantCriteria. */
  readonly hasExactByteProducts: boolean;
  /** Takes the graphs in turns. @returns per graph as many rounds as for the others */
  time(graphs: readonly TimedGraph[]): Promise<readonly GraphTiming[]>;
}
