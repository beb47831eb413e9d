import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { EnsembleName, RootName } from "@sluice/contracts";
import type { ConfigFile } from "./config-file.ts";
import { parseDeviceList } from "./device-list.ts";
import type { BucketInFile } from "./root-settings.ts";
import type { SourceConfig } from "./source-settings.ts";
import type { EnvironmentSettings } from "./read-env.ts";
import type {
  BucketConfig,
  EnsembleConfig,
  ObjectEndpointConfig,
  RootConfig,
  SluiceConfig,
} from "./sluice-config.ts";

/** Where relative paths begin: those of the file at its folder, those of the environment at the working directory. */
export interface Places {
  readonly configPath: string | null;
  readonly base: string;
  readonly cwd: string;
  readonly settings: EnvironmentSettings;
}

/** The configuration with absolute paths, places inside the data folder filled in, and maps for named things. */
export function resolveConfig(
  file: ConfigFile,
  { configPath, base, cwd, settings }: Places,
): SluiceConfig {
  const dataDir =
    settings.dataDir === null ? resolve(base, file.dataDir) : resolve(cwd, settings.dataDir);
  const { vault, ...moderation } = file.moderation;
  return {
    configPath,
    dataDir,
    redis: { url: file.redis.url ?? null, prefix: file.redis.prefix },
    roots: mapEntries(file.roots, (root) => resolveRoot(root, base)),
    sources: file.sources.map((source) => resolveSource(source, base)),
    ensembles: mapEntries(file.ensembles, (ensemble) => resolveEnsemble(ensemble, base)),
    policies: mapEntries(file.policies, (policy) => policy),
    ingest: { ...file.ingest, journalPath: join(dataDir, "ingest", "journal.sqlite") },
    worker: {
      ...file.worker,
      id: settings.workerId ?? hostname(),
      ensemble: file.worker.ensemble ?? null,
      devices: parseDeviceList(file.worker.devices) ?? [],
      graphCacheDir: join(dataDir, "cache", "graphs"),
    },
    moderation: {
      ...moderation,
      vaultDir: vault === undefined ? join(dataDir, "vault") : resolve(base, vault),
      databasePath: join(dataDir, "moderation", "records.sqlite"),
    },
    objectEndpoint: resolveEndpoint(file.objectEndpoint, base, settings.objectKey),
    http: { ...file.http, runDir: join(dataDir, "run") },
    log: file.log,
  };
}

function resolveSource(source: SourceConfig, base: string): SourceConfig {
  switch (source.kind) {
    case "folder":
      return source;
    case "nginx-log":
      return { ...source, logs: source.logs.map((log) => resolve(base, log)) };
    case "clamd": {
      const { socket, scanFolders } = source;
      return {
        ...source,
        ...(socket !== undefined && { socket: resolve(base, socket) }),
        scanFolders: scanFolders.map((folder) => resolve(base, folder)),
      };
    }
    case "http": {
      const { certFile, keyFile } = source;
      if (certFile === undefined || keyFile === undefined) return source;
      return { ...source, certFile: resolve(base, certFile), keyFile: resolve(base, keyFile) };
    }
    case "s3": {
      const { webhook } = source;
      const { certFile, keyFile } = webhook ?? {};
      if (webhook === undefined || certFile === undefined || keyFile === undefined) return source;
      const files = { certFile: resolve(base, certFile), keyFile: resolve(base, keyFile) };
      return { ...source, webhook: { ...webhook, ...files } };
    }
    default:
      return source satisfies never;
  }
}

function resolveRoot(root: ConfigFile["roots"][RootName], base: string): RootConfig {
  if (root.endpoint !== undefined) return { kind: "endpoint", url: new URL(root.endpoint) };
  if (root.s3 !== undefined) return resolveBucket(root.s3, base);
  return { kind: "folder", folder: resolve(base, root.folder ?? "") };
}

function resolveBucket(bucket: BucketInFile, base: string): BucketConfig {
  const { sseCustomerKeyFile: keyFile, ...rest } = bucket;
  const endpoint = bucket.endpoint === undefined ? null : new URL(bucket.endpoint);
  // Servers other than Amazon's seldom have a host name per bucket, and take a checksum behind the bytes for bytes.
  const isForeign = endpoint !== null;
  const checksums = isForeign ? "required" : "supported";
  return {
    ...rest,
    kind: "s3",
    prefix: bucket.prefix ?? "",
    endpoint,
    region: bucket.region ?? null,
    pathStyle: bucket.pathStyle ?? isForeign,
    checksums: bucket.checksums === "auto" ? checksums : bucket.checksums,
    sseCustomerKeyFile: keyFile === undefined ? null : resolve(base, keyFile),
    kmsKeyId: bucket.kmsKeyId ?? null,
    profile: bucket.profile ?? null,
  };
}

function resolveEndpoint(
  {
    port,
    certFile,
    keyFile,
    caFile,
    trustedNetwork: isNetworkTrusted,
    ...limits
  }: ConfigFile["objectEndpoint"],
  base: string,
  key: string | null,
): ObjectEndpointConfig {
  const absolute = (path: string): string => resolve(base, path);
  const hasTls = certFile !== undefined && keyFile !== undefined;
  return {
    ...limits,
    key,
    isNetworkTrusted,
    port: port ?? null,
    tls: hasTls ? { certFile: absolute(certFile), keyFile: absolute(keyFile) } : null,
    caFile: caFile === undefined ? null : absolute(caFile),
  };
}

/** @param base folder where the members' relative paths begin */
export function resolveEnsemble(
  ensemble: ConfigFile["ensembles"][EnsembleName],
  base: string,
): EnsembleConfig {
  const members = ensemble.members.map((m) => ({ ...m, model: resolve(base, m.model) }));
  return { ...ensemble, members };
}

function mapEntries<K extends string, V, W>(
  record: Readonly<Record<K, V>>,
  convert: (value: V) => W,
): Map<K, W> {
  const result = new Map<K, W>();
  for (const key in record) {
    result.set(key, convert(record[key]));
  }
  return result;
}
