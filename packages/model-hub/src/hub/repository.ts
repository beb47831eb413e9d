import type { RemoteFile } from "../download/remote-file.ts";
import { ModelNotCachedError } from "../model-hub-error.ts";
import type { ModelReference } from "../model-reference.ts";
import type { PullOptions } from "../pull-options.ts";
import { HubApi } from "./hub-api.ts";
import { HubCache } from "./hub-cache.ts";

type HubReference = Extract<ModelReference, { kind: "hub" }>;

/** One commit of a repository, as the hub or the cache knows it. */
export interface Repository {
  /** `owner/name@commit`. */
  readonly origin: string;
  /** Those of the paths that are there; `name` is the path. */
  describe(paths: readonly string[]): Promise<readonly RemoteFile[]>;
  /** What else is there, for a message. */
  list(): Promise<readonly string[]>;
  /** Makes the cache find these files again under the revision that was asked for. */
  remember(files: readonly RemoteFile[]): Promise<void>;
}

/** @throws ModelNotCachedError when offline and the revision was never fetched, other ModelHubErrors online */
export async function openRepository(
  reference: HubReference,
  options: PullOptions,
): Promise<Repository> {
  return options.settings.isOffline
    ? await openCached(reference, options)
    : await openOnline(reference, options);
}

async function openOnline(reference: HubReference, options: PullOptions): Promise<Repository> {
  const { repo, revision } = reference;
  const api = new HubApi(repo, options);
  const cache = new HubCache(options.settings.hubCache, repo);
  const commit = await api.resolveCommit(revision);
  return {
    origin: `${repo}@${commit}`,
    list: async () => await api.list(commit),
    async describe(paths) {
      const files = await api.describe(commit, paths);
      return files.map(({ path, sizeBytes, expected }) => ({
        name: path,
        url: api.fileUrl(commit, path),
        sizeBytes,
        expected,
        cachePath: cache.blobPath(expected.hex),
        access: api.access,
      }));
    },
    async remember(files) {
      for (const { name, expected } of files) {
        if (expected !== null) await cache.link(commit, name, expected.hex);
      }
      await cache.writeRef(revision, commit);
    },
  };
}

async function openCached(
  { repo, revision }: HubReference,
  options: PullOptions,
): Promise<Repository> {
  const { hubCache, endpoint } = options.settings;
  const cache = new HubCache(hubCache, repo);
  const commit = await cache.readRef(revision);
  if (commit === null) {
    throw new ModelNotCachedError(
      `${repo}@${revision} is not in ${hubCache}, and offline nothing is fetched; pull it once with a connection`,
    );
  }
  return {
    origin: `${repo}@${commit}`,
    list: async () => ["in the cache nothing else (offline)"],
    remember: async () => {},
    async describe(paths) {
      const found: RemoteFile[] = [];
      for (const name of paths) {
        const file = await cache.find(commit, name);
        if (file === null) continue;
        const { path: cachePath, sizeBytes, expected } = file;
        const access = { credentials: null, redirectHosts: [] };
        found.push({ name, url: new URL(endpoint), sizeBytes, expected, cachePath, access });
      }
      return found;
    },
  };
}
