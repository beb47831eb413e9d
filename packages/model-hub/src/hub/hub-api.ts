import { listFiles, modelInfo, pathsInfo } from "@huggingface/hub";
import { z } from "zod";
import type { ExpectedContent } from "../download/expected-content.ts";
import type { Access } from "../http/open-response.ts";
import { HubResponseError, ModelHubError } from "../model-hub-error.ts";
import { limitsOf, type PullOptions } from "../pull-options.ts";
import { guardedFetch } from "./guarded-fetch.ts";

/** A file of a repository, as the hub describes it. */
export interface HubFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** The name of its blob in the cache is `hex`. */
  readonly expected: ExpectedContent;
}

const LISTED_AT_MOST = 40;
const commitSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/u) });
const bytes = z.int().nonnegative();
const pathSchema = z.string().max(1000).refine(isInside, "leads out of the repository");
const fileSchema = z
  .object({
    type: z.string(),
    path: pathSchema,
    size: bytes,
    oid: z.string().regex(/^[0-9a-f]{40}$/u),
    lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/u), size: bytes }).optional(),
    xetHash: z.string().optional(),
  })
  // A Xet hash is a Merkle root, not the SHA-256 of the bytes, and the git id is that of a pointer.
  .refine(({ lfs, xetHash }) => lfs !== undefined || xetHash === undefined, "lacks its SHA-256");

/**
 * The hub's API through @huggingface/hub, every request of which goes through our own fetch: time limit, size limit,
 * no redirect to another host, token to the hub alone. What comes back is checked before it is believed.
 */
export class HubApi {
  readonly access: Access;
  readonly #repo: string;
  readonly #endpoint: string;
  readonly #fetch: typeof fetch;
  readonly #signal: AbortSignal;

  constructor(repo: string, options: PullOptions) {
    const { endpoint, token, redirectHosts } = options.settings;
    const { origin } = new URL(endpoint);
    this.#repo = repo;
    this.#endpoint = endpoint;
    this.#signal = options.signal;
    this.access = { credentials: token === null ? null : { origin, token }, redirectHosts };
    const { maxApiBytes, stallTimeoutMs } = limitsOf(options);
    this.#fetch = guardedFetch({
      what: repo,
      origin,
      // An API has no reason to send us anywhere else; files do.
      access: { ...this.access, redirectHosts: [] },
      maxBytes: maxApiBytes,
      stallTimeoutMs,
      signal: options.signal,
    });
  }

  async resolveCommit(revision: string): Promise<string> {
    const question = { name: this.#repo, revision, ...this.#common() };
    const info = await this.#ask(modelInfo({ ...question, additionalFields: ["sha"] }));
    return this.#parse(commitSchema, info).sha;
  }

  /** Those of the paths that are there, in the order asked for. */
  async describe(commit: string, paths: readonly string[]): Promise<readonly HubFile[]> {
    const repo = { type: "model", name: this.#repo } as const;
    const question = { repo, revision: commit, paths: [...paths], ...this.#common() };
    const infos = await this.#ask(pathsInfo(question));
    const files = this.#parse(z.array(fileSchema).max(paths.length), infos);
    return paths.flatMap((path) => files.filter((file) => file.path === path).map(toHubFile));
  }

  /** Paths of the first files, for a message that says what a repository holds. */
  async list(commit: string): Promise<readonly string[]> {
    const repo = { type: "model", name: this.#repo } as const;
    const entries = listFiles({ repo, revision: commit, ...this.#common() });
    const found: string[] = [];
    while (found.length < LISTED_AT_MOST) {
      const next = await this.#ask(entries.next());
      if (next.done === true) break;
      const entry = this.#parse(z.object({ path: pathSchema, type: z.string() }), next.value);
      found.push(entry.type === "directory" ? `${entry.path}/` : entry.path);
    }
    return found;
  }

  fileUrl(commit: string, path: string): URL {
    const escaped = path.split("/").map(encodeURIComponent).join("/");
    return new URL(`${this.#endpoint}/${this.#repo}/resolve/${commit}/${escaped}`);
  }

  #common() {
    return { hubUrl: this.#endpoint, fetch: this.#fetch };
  }

  #parse<T>(schema: z.ZodType<T>, value: unknown): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`);
    throw this.#unusable(problems.slice(0, 3).join("; "));
  }

  /** The library believes what the hub sends, and may stumble over it. */
  async #ask<T>(question: Promise<T>): Promise<T> {
    try {
      return await question;
    } catch (error) {
      if (error instanceof ModelHubError || this.#signal.aborted) throw error;
      throw this.#unusable(String(error), error);
    }
  }

  #unusable(problem: string, cause?: unknown): HubResponseError {
    const { host } = new URL(this.#endpoint);
    const text = `${this.#repo}: ${host} describes it in a way that cannot be used (${problem})`;
    return new HubResponseError(text, { cause });
  }
}

function toHubFile({ path, size, oid, lfs }: z.infer<typeof fileSchema>): HubFile {
  return lfs === undefined
    ? { path, sizeBytes: size, expected: { kind: "git-blob", hex: oid } }
    : { path, sizeBytes: lfs.size, expected: { kind: "sha256", hex: lfs.oid } };
}

function isInside(path: string): boolean {
  const parts = path.split("/");
  return (
    !/[\\\0]/u.test(path) && parts.every((part) => part !== "" && part !== "." && part !== "..")
  );
}
