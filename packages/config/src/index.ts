export { ConfigError } from "./config-error.ts";
export type { HttpConfig, IngestConfig, LogConfig, WorkerConfig } from "./config-file.ts";
export { DEFAULT_VARIANT_LIMITS } from "./config-file.ts";
export { nameDevice, parseDeviceList, type DeviceChoice, type DeviceList } from "./device-list.ts";
export { readEnsembleFile } from "./ensemble-file.ts";
export { folderRoots } from "./folder-roots.ts";
export { loadConfig, requireObjectKey, requireRedisUrl, type LoadOptions } from "./load-config.ts";
export { nearestName } from "./nearest-name.ts";
export type { Environment } from "./read-env.ts";
export type {
  ClamdSourceConfig,
  FolderSourceConfig,
  FoundSourceConfig,
  HttpSourceConfig,
  NginxLogSourceConfig,
  ReceivedSourceConfig,
  S3SourceConfig,
  SourceConfig,
} from "./source-settings.ts";
export { nameOfWorker, usedEnsembles } from "./worker-ensembles.ts";
export { bucketRoots } from "./bucket-roots.ts";
export type {
  BucketConfig,
  CascadeConfig,
  EnsembleConfig,
  ObjectEndpointConfig,
  RootConfig,
  SluiceConfig,
} from "./sluice-config.ts";
