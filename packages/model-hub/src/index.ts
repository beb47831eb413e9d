export { fetchDirectory, type FetchDirectoryOptions } from "./fetch-directory.ts";
export { fetchWeights } from "./fetch-weights.ts";
export { readHubSettings, type HubSettings } from "./hub-settings.ts";
export type { ImageSettings } from "./image-settings.ts";
export { locateModel, type LocateOptions } from "./locate-model.ts";
export { ModelHubError } from "./model-hub-error.ts";
export type { DirectoryLocation, ModelLocation, WeightsLocation } from "./model-location.ts";
export { parseModelReference, requireRevision, type ModelReference } from "./model-reference.ts";
export {
  DEFAULT_PULL_LIMITS,
  type DownloadProgress,
  type PullLimits,
  type PullOptions,
} from "./pull-options.ts";
