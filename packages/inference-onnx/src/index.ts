export type { DeviceMember } from "./device-messages.ts";
export { DeviceLostError, ModelLoadError, ProviderMissingError } from "./errors.ts";
export { startOnnxDevice, type OnnxDevice, type OnnxDeviceOptions } from "./onnx-device.ts";
