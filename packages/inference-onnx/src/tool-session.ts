import type { InferenceSession } from "onnxruntime-node";
import { ModelLoadError } from "./errors.ts";

export interface ToolSessionOptions {
  /** 0: as many as there are cores. */
  readonly intraOpThreads?: number;
  /** Where ONNX Runtime writes the graph that it really runs, for looking at what was fused. */
  readonly optimizedGraphPath?: string;
}

/** Row-major numbers and their shape, the batch first. */
export interface NumberTensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export interface ImageTensor {
  readonly data: Float32Array | Uint8Array;
  readonly shape: readonly number[];
}

/** A graph that a command runs now and then, on the CPU and in the calling thread. */
export interface ToolSession extends AsyncDisposable {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Blocks until the batch is done. Feeds the graph's first input.
   *
   * @param outputs those wanted, all when left out; only float32 ones are returned
   */
  run(input: ImageTensor, outputs?: readonly string[]): Promise<ReadonlyMap<string, NumberTensor>>;
}

/**
 * Opens a graph for commands that check, compare and fit models; workers use `startOnnxDevice`, which holds no thread that
 * others need.
 *
 * @param model bytes of the graph, or the path of its file (external data is looked for beside it)
 * @throws ModelLoadError when ONNX Runtime cannot load it
 */
export async function openToolSession(
  model: Uint8Array | string,
  options: ToolSessionOptions = {},
): Promise<ToolSession> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1"; // before the library loads: official Linux builds upload telemetry otherwise
  const ort = await import("onnxruntime-node");
  const session = await load(ort.InferenceSession, model, options);
  const [inputName = ""] = session.inputNames;
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    async run({ data, shape }, outputs = session.outputNames) {
      const tensor =
        data instanceof Uint8Array
          ? new ort.Tensor("uint8", data, shape)
          : new ort.Tensor("float32", data, shape);
      const results = await session.run({ [inputName]: tensor }, [...outputs]);
      return new Map(
        Object.entries(results).flatMap(([name, value]): [string, NumberTensor][] =>
          value.data instanceof Float32Array
            ? [[name, { data: value.data, shape: value.dims }]]
            : [],
        ),
      );
    },
    async [Symbol.asyncDispose]() {
      await session.release();
    },
  };
}

/** Name and version of what `openToolSession` runs graphs with. */
export async function describeRuntime(): Promise<string> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  const { env } = await import("onnxruntime-node");
  return `onnxruntime-node ${env.versions.node ?? "of an unknown version"}`;
}

async function load(
  factory: { create: typeof InferenceSession.create },
  model: Uint8Array | string,
  { intraOpThreads = 0, optimizedGraphPath }: ToolSessionOptions,
): Promise<InferenceSession> {
  const settings: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    intraOpNumThreads: intraOpThreads,
    logSeverityLevel: 3,
    ...(optimizedGraphPath !== undefined && { optimizedModelFilePath: optimizedGraphPath }),
  };
  try {
    return typeof model === "string"
      ? await factory.create(model, settings)
      : await factory.create(model, settings);
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).trim();
    const name = typeof model === "string" ? model : "the graph";
    throw new ModelLoadError(
      `${name}: ONNX Runtime cannot load it (${message}): export or fetch it again`,
      { cause: error },
    );
  }
}
