import { createHash } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  decodeObjectPath,
  ensembleInfoSchema,
  objectPathSchema,
  policyNameSchema,
  rootNameSchema,
  verdictJobSchema,
  type EnsembleInfo,
  type Outcome,
  type PolicyName,
  type RootName,
  type VerdictJob,
} from "@sluice/contracts";
import type { ModerationEvents, OnStep, VaultRecord } from "@sluice/moderation";
import { policySchema, type Policy } from "@sluice/policy";
import type { BucketRoots, S3OriginalsEvents } from "@sluice/s3";
import { RecordsView, type DecisionView } from "@sluice/storage";
import { composeModeration, type Moderation } from "../compose.ts";

const SHA = "e".repeat(64);

/** Forbidden is `target`: from 0.5 quarantined, from 0.2 for review. */
const RULES = { forbidden: [{ label: "target", quarantine: 0.5, review: 0.2 }] };
export const GATE = { mode: "gate", publishTo: "published", ...RULES };
export const SWEEP = { mode: "sweep", ...RULES };
export const ANSWER = { mode: "answer", ...RULES };

export const ENSEMBLE: EnsembleInfo = ensembleInfoSchema.parse({
  v: 1,
  name: "default",
  digest: SHA,
  labels: ["target", "cat"],
  scoreFloor: 0.001,
  members: [{ model: "m", digest: SHA, weight: 1 }],
});

export const SILENT: ModerationEvents & S3OriginalsEvents = {
  decided: () => undefined,
  effectDone: () => undefined,
  effectFailed: () => undefined,
  effectsResumed: () => undefined,
  ensembleUnknown: () => undefined,
  originalLocked: () => undefined,
  markRefused: () => undefined,
};

export interface SiteOptions {
  readonly policy?: object;
  readonly onStep?: OnStep;
  readonly vaultDir?: string;
  readonly events?: Partial<ModerationEvents & S3OriginalsEvents>;
  /** Roots that are buckets; the others are folders. */
  readonly buckets?: BucketRoots;
}

/** A folder with an uploads and a published root, a vault and records; opened as often as processes are started. */
export class Site implements AsyncDisposable {
  readonly folder: string;
  readonly policies: ReadonlyMap<PolicyName, Policy>;
  readonly #options: SiteOptions;
  readonly #open: Moderation[] = [];

  constructor(folder: string, options: SiteOptions = {}) {
    this.folder = folder;
    this.#options = options;
    const policy = policySchema.parse(options.policy ?? GATE);
    this.policies = new Map([[policyNameSchema.parse("default"), policy]]);
  }

  static async make(options: SiteOptions = {}): Promise<Site> {
    const site = new Site(await mkdtemp(join(tmpdir(), "sluice-site-")), options);
    for (const root of ["uploads", "published"]) await mkdir(join(site.folder, root));
    return site;
  }

  get roots(): ReadonlyMap<RootName, string> {
    const names = ["uploads", "published"];
    const all = names.map((name) => [rootNameSchema.parse(name), join(this.folder, name)] as const);
    return new Map(all.filter(([name]) => this.#options.buckets?.has(name) !== true));
  }

  get vaultDir(): string {
    return this.#options.vaultDir ?? join(this.folder, "vault");
  }

  get databasePath(): string {
    return join(this.folder, "records.sqlite");
  }

  /** Starts moderation as a new process would. */
  start(onStep = this.#options.onStep): Moderation {
    const moderation = composeModeration({
      roots: this.roots,
      buckets: this.#options.buckets ?? new Map(),
      policies: this.policies,
      vaultDir: this.vaultDir,
      databasePath: this.databasePath,
      concurrency: 4,
      ensembles: () => ({ read: async () => ENSEMBLE }),
      events: { ...SILENT, ...this.#options.events },
      now: () => Date.now(),
      ...(onStep === undefined ? {} : { onStep }),
    });
    this.#open.push(moderation);
    return moderation;
  }

  /** Records as a person sees them; close it with `using`. */
  view(): RecordsView {
    const view = RecordsView.open(this.databasePath);
    if (view === null) throw new Error("moderation has not recorded anything");
    return view;
  }

  /** The one decision that there must be. */
  onlyDecision(): DecisionView {
    using records = this.view();
    const [first, ...rest] = records.decisions({ limit: 10 });
    if (first === undefined || rest.length > 0) throw new Error("expected exactly one decision");
    return first;
  }

  /** The one thing that the vault must hold. */
  onlyVaultRecord(): VaultRecord {
    using records = this.view();
    const [first, ...rest] = records.vault({ limit: 10 });
    if (first === undefined || rest.length > 0) throw new Error("expected one vault record");
    return first;
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  async upload(path: string, content: string): Promise<void> {
    await mkdir(dirname(this.path("uploads", path)), { recursive: true });
    await writeFile(this.path("uploads", path), content);
  }

  /** The verdict that a worker would send about files as they lie there now, with the given score for `target`. */
  async verdict(scores: Readonly<Record<string, number>>, root = "uploads"): Promise<VerdictJob> {
    const outcomes: object[] = [];
    for (const [path, score] of Object.entries(scores))
      outcomes.push(await this.outcome(path, score, root));
    return this.verdictOf(outcomes, root);
  }

  verdictOf(outcomes: readonly object[], root = "uploads"): VerdictJob {
    const names = { source: "uploads", root, policy: "default", ensemble: "default" };
    return verdictJobSchema.parse({
      v: 1,
      chunkId: `c${createHash("sha1").update(JSON.stringify(outcomes)).digest("hex")}`,
      lane: "live",
      ...names,
      ensembleDigest: ENSEMBLE.digest,
      worker: "test",
      classifiedAtMs: 1,
      outcomes,
    });
  }

  async outcome(path: string, score: number, root = "uploads"): Promise<object> {
    const name = decodeObjectPath(objectPathSchema.parse(path));
    const file = Buffer.concat([Buffer.from(`${this.path(root)}/`), name]);
    const stat = await lstat(file, { bigint: true });
    const sizeBytes = Number(stat.size);
    const version = `${stat.ino}-${stat.size}-${stat.mtimeNs}-${stat.ctimeNs}`;
    const sha256 = sha256Of(await readFile(file));
    return outcomeOf({ path, version, sizeBytes }, { sha256, score });
  }

  /** Contents of all files below a folder, by relative path; private names are listed too. */
  async files(root: string): Promise<Record<string, string>> {
    const top = this.path(root);
    const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile());
    const pairs = files.map(async (entry): Promise<[string, string]> => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(top.length + 1), await readFile(path, "utf8")];
    });
    const found = await Promise.all(pairs);
    return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Contents in the vault, without sidecars. */
  async vaultContents(): Promise<readonly string[]> {
    const entries = await readdir(this.vaultDir, { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    const blobs = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".json"));
    return Promise.all(blobs.map((entry) => readFile(join(entry.parentPath, entry.name), "utf8")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const moderation of this.#open) moderation[Symbol.dispose]();
    await rm(this.folder, { recursive: true, force: true });
    await rm(this.vaultDir, { recursive: true, force: true });
  }
}

/** What a worker found in an object, with the given score for `target`. */
export function outcomeOf(
  object: { readonly path: string; readonly version: string; readonly sizeBytes: number },
  { sha256, score }: { readonly sha256: string; readonly score: number },
): object {
  const { sizeBytes } = object;
  const scores = [
    { label: "target", classId: 0, score },
    { label: "cat", classId: 1, score: 1 - score },
  ];
  const pixels = { format: "jpeg", width: 1, height: 1, frames: 1, isDamaged: false };
  const members = [{ model: "m", digest: SHA, scores }];
  const classification = { kind: "classified", sha256, sizeBytes, ...pixels, scores, members };
  return { object, classification } satisfies Record<keyof Outcome, object>;
}

export function sha256Of(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
