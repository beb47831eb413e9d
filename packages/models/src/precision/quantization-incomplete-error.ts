/**
 * Thrown when ONNX Runtime would still compute layers of an int8 network in float32: half of the work in integers with
 * conversions between is slower than none.
 */
export class QuantizationIncompleteError extends Error {
  override readonly name = "QuantizationIncompleteError";
  readonly code = "QUANTIZATION_INCOMPLETE";
  readonly retryable = false;
  readonly exitCode = 1;
  /** Weights of the layers that were left over. */
  readonly layers: readonly string[];

  constructor(model: string, layers: readonly string[]) {
    const named = layers.slice(0, SHOWN).join(", ");
    const more = layers.length > SHOWN ? ` and ${layers.length - SHOWN} more` : "";
    const count = layers.length === 1 ? "1 layer" : `${layers.length} layers`;
    super(
      `${model}: ONNX Runtime would compute ${count} of the int8 network in float32 (${named}${more}), which is slower than the float model; use that one, or keep the mixture with --allow-partial`,
    );
    this.layers = layers;
  }
}

const SHOWN = 5;
