export type { Arrangement, ArrangementChoice } from "./arrange-members.ts";
export {
  CPU_PLACES,
  listCpuNodes,
  parseCpuList,
  type CpuInventory,
  type CpuNode,
  type CpuPlaces,
} from "./cpu/list-cpu-nodes.ts";
export type { DeviceMember } from "./device-messages.ts";
export {
  DeviceLostError,
  DeviceMemoryError,
  ModelLoadError,
  ProviderMissingError,
} from "./errors.ts";
export { openGraphTimer, type GraphTimer, type GraphTimerOptions } from "./graph-timer.ts";
export type { Gpu } from "./nvidia/gpu.ts";
export {
  INVENTORY_PLACES,
  listGpus,
  type GpuInventory,
  type InventoryPlaces,
} from "./nvidia/list-gpus.ts";
export { readRuntimeFacts, type RuntimeFacts } from "./runtime-facts.ts";
export { startOnnxDevice, type OnnxDevice, type OnnxDeviceOptions } from "./onnx-device.ts";
export { describeProcessor, type Processor } from "./processor.ts";
export {
  describeRuntime,
  openToolSession,
  type ImageTensor,
  type NumberTensor,
  type ToolSession,
  type ToolSessionOptions,
} from "./tool-session.ts";
