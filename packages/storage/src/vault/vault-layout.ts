import { join } from "node:path";
import type { Sha256 } from "@sluice/contracts";
import type { VaultId } from "@sluice/moderation";

/**
 * Folders of the vault, all of mode 0700:
 *
 *     <vault>/ab/abcd…            the bytes, named by their SHA-256, mode 0600
 *     <vault>/ab/abcd….<id>.json  where they came from; one for each record that claims them
 *     <vault>/parts/<id>          a copy that is not complete yet
 */
export interface VaultLayout {
  readonly folder: string;
}

export function blobFolder({ folder }: VaultLayout, sha256: Sha256): string {
  return join(folder, sha256.slice(0, 2));
}

export function blobPath(layout: VaultLayout, sha256: Sha256): string {
  return join(blobFolder(layout, sha256), sha256);
}

export function sidecarPath(layout: VaultLayout, sha256: Sha256, id: VaultId): string {
  return `${blobPath(layout, sha256)}.${id}.json`;
}

export function partsFolder({ folder }: VaultLayout): string {
  return join(folder, "parts");
}

export function partPath(layout: VaultLayout, id: VaultId): string {
  return join(partsFolder(layout), id);
}
