export type { ImageSettings } from "./architectures/architecture.ts";
export { buildFromCard, buildModelDirectory, type BuildOptions } from "./build-model.ts";
export {
  readModelDirectory,
  type ModelDirectory,
  type Preprocessing,
} from "./directory/read-directory.ts";
export { listArchitectures, type ArchitectureFacts } from "./list-architectures.ts";
export { ModelError } from "./model-error.ts";
export { deriveProductionGraph } from "./onnx/production-graph.ts";
export { WeightsFileError } from "./weights/weights-file-error.ts";
