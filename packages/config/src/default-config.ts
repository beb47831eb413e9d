import { join } from "node:path";

const DEFAULT_DATA_DIR = ".sluice";

/**
 * What Sluice does when no sluice.yaml is there: a gate from `uploads/incoming` to `uploads/published` below
 * the working directory, with the demo models, which are built into the data folder. It is for looking at the product: the demo models
 * know eight kinds of drawn pictures and nothing of the world.
 */
export function defaultConfig(dataDir: string | null): unknown {
  const models = join(dataDir ?? DEFAULT_DATA_DIR, "models");
  return {
    version: 1,
    dataDir: DEFAULT_DATA_DIR,
    roots: {
      uploads: { folder: "uploads/incoming" },
      published: { folder: "uploads/published" },
    },
    sources: [{ name: "uploads", kind: "folder", root: "uploads" }],
    ensembles: {
      default: {
        members: ["squeezenet1_1", "efficientnet_b0", "googlenet"].map((name) => ({
          model: join(models, name),
        })),
      },
    },
    policies: {
      default: {
        mode: "gate",
        publishTo: "published",
        forbidden: [{ label: "target", quarantine: 0.5, review: 0.2 }],
      },
    },
  };
}
