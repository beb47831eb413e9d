import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RecordsView } from "@sluice/storage";
import type { DemoPlace } from "./demo-place.ts";
import type { DeliveredUpload, Place } from "./upload-result.ts";

/** Finds every place where an upload's bytes are, by looking, not by asking the records alone. */
export async function locateUpload(
  upload: DeliveredUpload,
  { place, vaultContents, records }: SearchPlace,
): Promise<readonly Place[]> {
  const places: Place[] = [];
  for (const name of ["incoming", "published", "site"] as const) {
    if ((await hashFile(join(place[name], upload.path))) === upload.sha256) places.push(name);
  }
  const root = upload.source === "gate" ? "uploads" : "site";
  const isRecorded = records
    .vault({ limit: 1000 })
    .some((r) => r.root === root && r.path === upload.path);
  if (isRecorded && vaultContents.has(upload.sha256)) places.push("vault");
  return places;
}

export interface SearchPlace {
  readonly place: DemoPlace;
  readonly records: RecordsView;
  /** Hashes of all files in the vault. */
  readonly vaultContents: ReadonlySet<string>;
}

export async function hashVault(vaultDir: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(vaultDir, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const hashes = await Promise.all(
    files.map((entry) => hashFile(join(entry.parentPath, entry.name))),
  );
  return new Set(hashes.filter((hash) => hash !== null));
}

/** Null when there is no such file. */
async function hashFile(path: string): Promise<string | null> {
  const bytes = await readFile(path).catch(() => null);
  return bytes === null ? null : hashBytes(bytes);
}

export function hashBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
