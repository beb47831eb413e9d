import type { EnsembleName, PolicyName, RootName } from "@sluice/contracts";
import type { Policy } from "@sluice/policy";
import type {
  HttpConfig,
  IngestConfig,
  LogConfig,
  VariantLimitsConfig,
  WorkerConfig,
} from "./config-file.ts";
import type { DeviceList } from "./device-list.ts";
import type { SourceConfig } from "./source-settings.ts";

/** A place that holds objects, as this process reaches it. */
export type RootConfig =
  | {
      readonly kind: "folder";
      /** Absolute path. */
      readonly folder: string;
    }
  | {
      readonly kind: "endpoint";
      /** Address of the object endpoint that serves it. */
      readonly url: URL;
    }
  | BucketConfig;

/** A bucket, or the part of it below a prefix. */
export interface BucketConfig {
  readonly kind: "s3";
  readonly bucket: string;
  /** Empty, or ends with `/`. */
  readonly prefix: string;
  /** Null: Amazon's, by region. */
  readonly endpoint: URL | null;
  /** Null: as the environment or the profile says. */
  readonly region: string | null;
  /** The name of the bucket stands in the path of requests, not in the host. */
  readonly pathStyle: boolean;
  /** `required`: only where the protocol demands them. */
  readonly checksums: "required" | "supported";
  readonly requesterPays: boolean;
  /** Absolute path of the key for SSE-C. */
  readonly sseCustomerKeyFile: string | null;
  readonly kmsKeyId: string | null;
  readonly profile: string | null;
  readonly maxSockets: number;
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly giveUpAfterMs: number;
}

/** Serving objects to other hosts, and reading those that other hosts serve. */
export interface ObjectEndpointConfig {
  /** What ingest and workers share; null: not set. */
  readonly key: string | null;
  readonly host: string;
  /** Null: objects are not served. */
  readonly port: number | null;
  /** Absolute paths of PEM files; null: plain HTTP. */
  readonly tls: { readonly certFile: string; readonly keyFile: string } | null;
  /** Whether plain HTTP may leave this machine. */
  readonly isNetworkTrusted: boolean;
  readonly maxBytesInFlight: number;
  readonly maxWaiting: number;
  readonly maxConnections: number;
  readonly idleTimeoutMs: number;
  /** Absolute path of a PEM file with the certificates to trust; null: the system's. */
  readonly caFile: string | null;
  readonly connections: number;
  readonly stallTimeoutMs: number;
  readonly giveUpAfterMs: number;
}

export interface EnsembleConfig {
  readonly members: readonly {
    /** Absolute path of a model directory. */
    readonly model: string;
    /** Which of the directory's networks; `auto`: the one that runs fastest among those that agree. */
    readonly precision: "float32" | "fp16" | "int8" | "auto";
    /** Relative weight in the fusion, above 0. */
    readonly weight: number;
    /** Softens its probabilities, above 0; 1 leaves them as they are. */
    readonly temperature: number;
    /** Name of its label set; null: the only one. */
    readonly set: string | null;
  }[];
  readonly fusion: "mean" | "weighted" | "geometric" | "vote" | "max";
  /** Which crops of every frame the members see; their mean counts. */
  readonly views: "center" | "center+flip" | "five-crop";
  /** Which frames of an animation the members see; the worst of them decides. */
  readonly frames: "first" | "all" | `sample:${number}`;
  /** Name of the model directory of the member whose embeddings are part of outcomes, or `none`. */
  readonly embeddings: string;
  /** Scores below this are left out of outcomes. */
  readonly scoreFloor: number;
  /** What `precision: auto` asks of a variant. */
  readonly variantLimits: VariantLimitsConfig;
  /** Members in stages, of which later ones run only for pictures that the earlier ones are not sure about; null: all run for each. */
  readonly cascade: CascadeConfig | null;
}

export interface CascadeConfig {
  /** Names of the members' model directories, stage by stage. */
  readonly stages: readonly (readonly string[])[];
  /** What a picture's scores must be to leave after a stage; see CascadeExit of @sluice/inference. */
  readonly exits: readonly {
    /** From 1. */
    readonly stage: number;
    readonly label: string;
    readonly threshold: number;
    readonly below: number;
    readonly above: number;
  }[];
  readonly agreement: "all" | "none";
}

/** The checked configuration: paths absolute, names branded, nothing optional. */
export interface SluiceConfig {
  /** Absolute path of the file, null for the built-in default. */
  readonly configPath: string | null;
  readonly dataDir: string;
  readonly redis: { readonly url: string | null; readonly prefix: string };
  readonly roots: ReadonlyMap<RootName, RootConfig>;
  readonly sources: readonly SourceConfig[];
  readonly ensembles: ReadonlyMap<EnsembleName, EnsembleConfig>;
  readonly policies: ReadonlyMap<PolicyName, Policy>;
  readonly ingest: IngestConfig & { readonly journalPath: string };
  readonly worker: WorkerConfig & {
    readonly id: string;
    /** The ensemble that it runs; null: the only one. */
    readonly ensemble: EnsembleName | null;
    readonly graphCacheDir: string;
    readonly devices: DeviceList;
  };
  readonly moderation: {
    readonly vaultDir: string;
    readonly databasePath: string;
    readonly concurrency: number;
    readonly shutdownGraceMs: number;
  };
  readonly objectEndpoint: ObjectEndpointConfig;
  readonly http: HttpConfig & { readonly runDir: string };
  readonly log: LogConfig;
}
