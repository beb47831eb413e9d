import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SluiceConfig } from "@sluice/config";
import { RecordsView } from "@sluice/storage";
import { operate, type OperateOptions } from "../stack/operate.ts";
import type { DemoPlace } from "./demo-place.ts";
import { hashBytes } from "./locate-upload.ts";
import type { DeliveredUpload } from "./upload-result.ts";

/**
 * Gives a quarantined picture of the sweep back. Returns what is not as it was before it was taken: bytes, mode and
 * time must be the same.
 */
export async function tryRestore(
  upload: DeliveredUpload,
  { place, config, operator }: { place: DemoPlace; config: SluiceConfig; operator: OperateOptions },
): Promise<readonly string[]> {
  const id = findVaultId(upload, config);
  if (id === null) return [`${upload.path} is not in the vault`];
  await operate(["restore", id], operator);
  const file = join(place.site, upload.path);
  const bytes = await readFile(file).catch(() => null);
  if (bytes === null) return [`expected ${upload.path} back in its place, it is not there`];
  const problems: string[] = [];
  const sha256 = hashBytes(bytes);
  if (sha256 !== upload.sha256) {
    problems.push(`expected the same bytes (${upload.sha256}), received ${sha256}`);
  }
  const { mode, mtimeNs } = await stat(file, { bigint: true });
  if (mtimeNs !== upload.mtimeNs) {
    problems.push(`expected the modification time ${upload.mtimeNs} ns, received ${mtimeNs}`);
  }
  if (mode !== upload.mode) {
    problems.push(`expected mode ${upload.mode.toString(8)}, received ${mode.toString(8)}`);
  }
  return problems;
}

/** After its second look, a restored picture must have been let go because a person did so. */
export function checkNotTakenAgain(
  upload: DeliveredUpload,
  config: SluiceConfig,
): readonly string[] {
  using records = RecordsView.open(config.moderation.databasePath);
  const newest = records
    ?.decisions({ limit: 1000 })
    .find(({ record }) => record.source === "site" && record.path === upload.path);
  if (newest?.record.decision === "allow" && newest.record.rule.kind === "exemption") return [];
  const found =
    newest === undefined ? "no decision" : `${newest.record.decision} (${newest.record.rule.kind})`;
  return [`expected it to be let go because a person did so, received ${found}`];
}

function findVaultId(upload: DeliveredUpload, config: SluiceConfig): string | null {
  using records = RecordsView.open(config.moderation.databasePath);
  const taken = records?.vault({ limit: 1000 }) ?? [];
  return taken.find(({ root, path }) => root === "site" && path === upload.path)?.id ?? null;
}
