import { readFile } from "node:fs/promises";
import { cpus } from "node:os";

export interface Processor {
  readonly model: string;
  /** Instruction sets for which ONNX Runtime has kernels of their own, as the kernel names them; empty where it is not Linux. */
  readonly features: readonly string[];
  /**
   * Whether sums of products of bytes are exact. Without such instructions they are added up in 16 bits, where products with
   * 8-bit weights saturate. False where that cannot be told.
   */
  readonly hasExactByteProducts: boolean;
}

export async function describeProcessor(): Promise<Processor> {
  const text = await readFile("/proc/cpuinfo", "utf8").catch(() => ""); // Not Linux: nothing is told.
  const features = parseFeatures(text);
  return {
    model: cpus()[0]?.model.trim() ?? "unknown",
    features,
    hasExactByteProducts: features.some((name) => DOT_PRODUCTS.has(name)),
  };
}

const DOT_PRODUCTS = new Set(["avx512_vnni", "avx_vnni", "asimddp", "i8mm"]);
const KNOWN = new Set([
  ..."avx avx2 fma f16c avx512f avx512bw avx512_bf16 avx512_fp16 amx_tile amx_int8 amx_bf16".split(
    " ",
  ),
  ..."asimdhp sve bf16".split(" "),
  ...DOT_PRODUCTS,
]);

/** Of the first processor in `/proc/cpuinfo`: `flags` on x86, `Features` on ARM. */
export function parseFeatures(cpuinfo: string): readonly string[] {
  const line = /^(?:flags|Features)\s*:(.*)$/mu.exec(cpuinfo)?.[1] ?? "";
  return line
    .trim()
    .split(/\s+/u)
    .filter((name) => KNOWN.has(name))
    .toSorted();
}
