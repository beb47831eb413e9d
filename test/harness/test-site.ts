import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig, type SluiceConfig } from "@sluice/config";
import { findModelCard, FORBIDDEN_KIND, type DemoModel } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";

/** Settings of sluice.yaml, merged section by section over the ones of `TestSite`. */
export type SiteSettings = Readonly<Record<string, unknown>>;

export interface TestSiteOptions {
  readonly mode: "gate" | "sweep";
  readonly settings?: SiteSettings;
  /** The smallest of the demo's models by default: most tests are about processes, not about pictures. */
  readonly models?: readonly DemoModel[];
}

/** A folder with a site's configuration, models and uploads; removed when disposed. */
export class TestSite implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make({
    mode,
    settings = {},
    models = ["squeezenet1_1"],
  }: TestSiteOptions): Promise<TestSite> {
    const site = new TestSite(await mkdtemp(join(tmpdir(), "sluice-site-")));
    await mkdir(site.uploads);
    await mkdir(site.published);
    for (const name of models) await buildFromCard(findModelCard(name), site.path("models", name));
    await site.configure({ ...siteSettings(mode, models), ...settings });
    return site;
  }

  get uploads(): string {
    return this.path("uploads");
  }

  get published(): string {
    return this.path("published");
  }

  path(...names: readonly string[]): string {
    return join(this.folder, ...names);
  }

  /** Replaces sluice.yaml; JSON is YAML. */
  async configure(settings: SiteSettings): Promise<void> {
    await writeFile(this.path("sluice.yaml"), JSON.stringify(settings, null, 2));
  }

  loadConfig(): Promise<SluiceConfig> {
    return loadConfig({ env: {}, cwd: this.folder });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A complete configuration with short times, so that what takes long in production is seen in a test. */
export function siteSettings(
  mode: "gate" | "sweep",
  models: readonly DemoModel[] = ["squeezenet1_1"],
): SiteSettings {
  const forbidden = [{ label: FORBIDDEN_KIND, quarantine: 0.5, review: 0.2 }];
  return {
    version: 1,
    dataDir: "data",
    roots: { uploads: { folder: "uploads" }, published: { folder: "published" } },
    sources: [
      { name: "uploads", kind: "folder", root: "uploads", settleMs: 100, reconcileEveryMs: 2000 },
    ],
    ensembles: { default: { members: models.map((name) => ({ model: `models/${name}` })) } },
    policies: {
      default: mode === "gate" ? { mode, publishTo: "published", forbidden } : { mode, forbidden },
    },
    ingest: { resendAfterMs: 5000, shutdownGraceMs: 5000 },
    worker: { lockDurationMs: 3000, stalledIntervalMs: 1000, shutdownGraceMs: 10_000 },
    log: { level: "info", format: "json" },
  };
}
