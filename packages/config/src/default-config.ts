/**
 * What Sluice does when no sluice.yaml is there: a gate from `uploads/incoming` to `uploads/published` below
 * the working directory, with the demo models. It is for looking at the product: the demo models know eight
 * kinds of drawn pictures and nothing of the world.
 */
export const DEFAULT_CONFIG: unknown = {
  version: 1,
  dataDir: ".sluice",
  roots: {
    uploads: { folder: "uploads/incoming" },
    published: { folder: "uploads/published" },
  },
  sources: [{ name: "uploads", kind: "folder", root: "uploads" }],
  ensembles: {
    default: {
      members: [
        { model: ".sluice/models/squeezenet1_1" },
        { model: ".sluice/models/efficientnet_b0" },
        { model: ".sluice/models/googlenet" },
      ],
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
