import type { Variant } from "./variant.ts";

/**
 * The variants that a provider runs natively. A CPU computes fp16 in float32; the integers of a QDQ graph are for the CPU's
 * kernels.
 *
 * @param provider ONNX Runtime's name of it
 */
export function variantsFor(provider: string): readonly Variant[] {
  return provider === "cpu" ? ["int8"] : ["fp16"];
}
