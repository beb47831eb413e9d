import type { GraphSession, GraphSessionOptions } from "../precision/graph-session.ts";

/** Runs graphs with ONNX Runtime on the CPU, as `openToolSession` of @sluice/inference-onnx does. */
export async function openTestGraph(
  model: Uint8Array,
  { optimizedGraphPath }: GraphSessionOptions = {},
): Promise<GraphSession> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  const ort = await import("onnxruntime-node");
  const session = await ort.InferenceSession.create(model, {
    logSeverityLevel: 3,
    ...(optimizedGraphPath !== undefined && { optimizedModelFilePath: optimizedGraphPath }),
  });
  return {
    async run({ data, shape }, outputs = session.outputNames) {
      const feeds = { [session.inputNames[0] ?? ""]: new ort.Tensor("float32", data, shape) };
      const results = await session.run(feeds, [...outputs]);
      return new Map(
        Object.entries(results).flatMap(([name, { data: values, dims }]) =>
          values instanceof Float32Array ? [[name, { data: values, shape: dims }] as const] : [],
        ),
      );
    },
    [Symbol.asyncDispose]: async () => await session.release(),
  };
}
