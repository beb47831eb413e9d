import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countOperators, type OperatorCount } from "./count-operators.ts";
import type { GraphSession, OpenGraph } from "./graph-session.ts";
import { QuantizationIncompleteError } from "./quantization-incomplete-error.ts";
import type { Variant } from "./variant.ts";

export interface OpenVariant extends AsyncDisposable {
  readonly session: GraphSession;
  /** What ONNX Runtime made of it; null for fp16. */
  readonly operators: OperatorCount | null;
}

/**
 * Loads a variant, int8 with a look at what ONNX Runtime made of it.
 *
 * @throws QuantizationIncompleteError when layers stay in float32, unless that is allowed
 */
export async function openVariant(
  onnx: Uint8Array,
  options: {
    readonly variant: Variant;
    /** For messages. */
    readonly name: string;
    readonly allowPartial: boolean;
    readonly openGraph: OpenGraph;
  },
): Promise<OpenVariant> {
  if (options.variant === "fp16") return opened(await options.openGraph(onnx), null);
  const scratch = await mkdtemp(join(tmpdir(), "sluice-optimized-"));
  try {
    const optimizedGraphPath = join(scratch, "model.onnx");
    const session = await options.openGraph(onnx, { optimizedGraphPath });
    const operators = countOperators(await readFile(optimizedGraphPath), optimizedGraphPath);
    if (operators.floatLayers.length > 0 && !options.allowPartial) {
      await session[Symbol.asyncDispose]();
      throw new QuantizationIncompleteError(options.name, operators.floatLayers);
    }
    return opened(session, operators);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function opened(session: GraphSession, operators: OperatorCount | null): OpenVariant {
  return { session, operators, [Symbol.asyncDispose]: () => session[Symbol.asyncDispose]() };
}
