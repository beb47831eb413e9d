import { DEMO_MODELS, FORBIDDEN_KIND } from "@sluice/demo-models";

/** Time for which a file must be unchanged, in milliseconds. */
export const DEMO_SETTLE_MS = 500;

/**
 * The demo's sluice.yaml: a gate and a sweep with the same rules. JSON is YAML, so nothing has to be quoted by
 * hand. `prefix` keeps a demo on a shared Redis apart from everything else there.
 */
export function demoConfig({ prefix }: { prefix: string }): string {
  const rules = { forbidden: [{ label: FORBIDDEN_KIND, quarantine: 0.5, review: 0.2 }] };
  const settings = {
    version: 1,
    dataDir: "data",
    redis: { prefix },
    roots: {
      uploads: { folder: "incoming" },
      published: { folder: "published" },
      site: { folder: "site" },
    },
    sources: [
      {
        name: "uploads",
        kind: "folder",
        root: "uploads",
        policy: "gate",
        settleMs: DEMO_SETTLE_MS,
      },
      { name: "site", kind: "folder", root: "site", policy: "sweep", settleMs: DEMO_SETTLE_MS },
    ],
    ensembles: { default: { members: DEMO_MODELS.map((name) => ({ model: `models/${name}` })) } },
    policies: {
      gate: { mode: "gate", publishTo: "published", ...rules },
      sweep: { mode: "sweep", ...rules },
    },
  };
  return `${JSON.stringify(settings, null, 2)}\n`;
}
