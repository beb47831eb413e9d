import type { InferenceSession } from "onnxruntime-node";

type Providers = NonNullable<InferenceSession.SessionOptions["executionProviders"]>;

/**
 * The execution providers of a session: exactly the configured device's. What TensorRT cannot take runs through CUDA on the same GPU.
 * The library itself adds its CPU provider to every session, for the nodes that are left over: see `placeOnDevice`.
 *
 * onnxruntime-node 1.30 passes the number of the device to CUDA and TensorRT and no other option: neither TensorRT's engine cache nor its
 * fp16 switch nor CUDA's arena can be set. (The environment variables that TensorRT's provider knows hold only where no options are given,
 * and the binding always gives some.) An engine sees one GPU, so the number is always 0.
 */
export function executionProviders(provider: string): Providers {
  switch (provider) {
    case "cuda":
      return [{ name: "cuda", deviceId: 0 }];
    case "tensorrt":
      return [
        { name: "tensorrt", deviceId: 0 },
        { name: "cuda", deviceId: 0 },
      ];
    default:
      return [provider];
  }
}

/**
 * How many rows a GPU runs for a batch: the next power of two, at most `limit`. cuDNN looks for its best algorithm at every new shape, and
 * TensorRT builds anew for a larger range, each for seconds; so few sizes are run, and all of them at warm-up. The CPU does neither.
 */
export function padRows(provider: string, rows: number, limit: number): number {
  return provider === "cpu" ? rows : Math.min(limit, 2 ** Math.ceil(Math.log2(rows)));
}

/** The sizes that `padRows` gives, the largest first: memory is taken once, and never grows later. */
export function warmUpSizes(provider: string, limit: number): readonly number[] {
  if (provider === "cpu") return [limit];
  const sizes = new Set<number>();
  for (let rows = limit; rows >= 1; rows--) sizes.add(padRows(provider, rows, limit));
  return [...sizes];
}
