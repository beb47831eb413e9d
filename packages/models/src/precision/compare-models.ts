import type { Preprocessing } from "../directory/preprocessor-config.ts";
import { compareOutputs, type Agreement } from "./compare-outputs.ts";
import type { GraphSession } from "./graph-session.ts";
import { pictureTensor } from "./picture-tensor.ts";

/** Two networks for the same pictures. */
export interface ModelPair {
  readonly float: GraphSession;
  readonly variant: GraphSession;
  /** Held out: none of those that the variant was calibrated on. Pixels of each, see pictureTensor. */
  readonly pictures: readonly Uint8Array[];
  readonly preprocessing: Preprocessing;
}

/** Pictures that are run together; also what the speed is measured with. */
export const BATCH = 8;

/** Runs both over all pictures and compares their logits. */
export async function compareModels(
  pair: ModelPair & { readonly decisionThreshold: number },
): Promise<Agreement> {
  const expected: Float32Array[] = [];
  const actual: Float32Array[] = [];
  for (let from = 0; from < pair.pictures.length; from += BATCH) {
    const input = pictureTensor(pair.pictures.slice(from, from + BATCH), pair.preprocessing);
    const logitsOf = async (session: GraphSession): Promise<Float32Array[]> => {
      const logits = (await session.run(input, ["logits"])).get("logits");
      if (logits === undefined) throw new Error("the runtime gave no logits");
      return rowsOf(logits.data, input.shape[0] ?? 0);
    };
    expected.push(...(await logitsOf(pair.float)));
    actual.push(...(await logitsOf(pair.variant)));
  }
  return compareOutputs({ expected, actual, decisionThreshold: pair.decisionThreshold });
}

function rowsOf(data: Float32Array, count: number): Float32Array[] {
  const size = data.length / count;
  return Array.from({ length: count }, (_, i) => data.slice(i * size, (i + 1) * size));
}
