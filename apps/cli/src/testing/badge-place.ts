import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findModelCard } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import { writeBadgeFolders } from "./badge-pictures.ts";

export interface BadgePlace extends AsyncDisposable {
  /** Directory of the smallest demo model. */
  readonly features: string;
  /** Sub-folders `badge` and `ordinary`. */
  readonly pictures: string;
  /** A new empty folder. */
  newFolder(): Promise<string>;
}

export async function makeBadgePlace(perLabel: number): Promise<BadgePlace> {
  const parent = await mkdtemp(join(tmpdir(), "sluice-fit-"));
  const features = join(parent, "squeezenet");
  const pictures = join(parent, "badges");
  await buildFromCard(findModelCard("squeezenet1_1"), features);
  await writeBadgeFolders(pictures, perLabel);
  return {
    features,
    pictures,
    newFolder: async () => await mkdtemp(join(parent, "case-")),
    [Symbol.asyncDispose]: async () => await rm(parent, { recursive: true }),
  };
}
