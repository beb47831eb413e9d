import type { Preprocessing } from "../directory/preprocessor-config.ts";
import type { GraphSession } from "./graph-session.ts";
import { pictureTensor } from "./picture-tensor.ts";

/** Pictures that are run together; also what the speed is measured with. */
export const BATCH = 8;

/** Logits of each picture. @param pictures pixels of each, see pictureTensor */
export async function scorePictures(
  session: GraphSession,
  pictures: readonly Uint8Array[],
  preprocessing: Preprocessing,
): Promise<readonly Float32Array[]> {
  const rows: Float32Array[] = [];
  for (let from = 0; from < pictures.length; from += BATCH) {
    const batch = pictures.slice(from, from + BATCH);
    const outputs = await session.run(pictureTensor(batch, preprocessing), ["logits"]);
    const logits = outputs.get("logits");
    if (logits === undefined) throw new Error("the runtime gave no logits");
    const classes = logits.data.length / batch.length;
    for (let i = 0; i < batch.length; i++) {
      rows.push(logits.data.slice(i * classes, (i + 1) * classes));
    }
  }
  return rows;
}
