import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { DemoPlace } from "./demo-place.ts";
import { deliverUpload } from "./deliver-upload.ts";
import { hashBytes } from "./locate-upload.ts";
import { makeUpload } from "./make-upload.ts";
import { SAMPLE_SEED } from "./sample-uploads.ts";
import type { SampleUpload } from "./sample-upload.ts";
import type { DeliveredUpload } from "./upload-result.ts";

/** An upload that has been drawn and not delivered. */
export interface MadeUpload {
  readonly upload: SampleUpload;
  readonly bytes: Uint8Array;
}

/** Draws uploads, a few at a time; sharp works on threads of its own. */
export async function makeUploads(
  uploads: readonly SampleUpload[],
): Promise<readonly MadeUpload[]> {
  const made: MadeUpload[] = [];
  const line = uploads.entries();
  const work = async (): Promise<void> => {
    for (const [position, upload] of line) {
      made[position] = { upload, bytes: await makeUpload(upload.recipe, SAMPLE_SEED) };
    }
  };
  await Promise.all(Array.from({ length: MAX_DRAWN_TOGETHER }, work));
  return made;
}

const MAX_DRAWN_TOGETHER = 4;

/** Brings one upload to where its source looks. */
export async function deliver(
  { upload, bytes }: MadeUpload,
  place: DemoPlace,
): Promise<DeliveredUpload> {
  const folder = upload.source === "gate" ? place.incoming : place.site;
  const { arrival } = upload;
  const file = join(folder, upload.path);
  const delivered = await deliverUpload({ file, arrival, bytes, stagingDir: place.staging });
  return { ...upload, ...delivered, sha256: hashBytes(bytes) };
}

export async function deliverOneByOne(
  made: readonly MadeUpload[],
  place: DemoPlace,
  { pauseMs }: { readonly pauseMs: number },
): Promise<readonly DeliveredUpload[]> {
  const delivered: DeliveredUpload[] = [];
  for (const upload of made) {
    delivered.push(await deliver(upload, place));
    await delay(pauseMs);
  }
  return delivered;
}
