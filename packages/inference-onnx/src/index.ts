export type { DeviceMember } from "./device-messages.ts";
export { DeviceLostError, ModelLoadError, ProviderMissingError } from "./errors.ts";
export { startOnnxDevice, type OnnxDevice, type OnnxDeviceOptions } from "./onnx-device.ts";
export {
  describeRuntime,
  openToolSession,
  type ImageTensor,
  type NumberTensor,
  type ToolSession,
  type ToolSessionOptions,
} from "./tool-session.ts";
