export {
  DeviceLostError,
  ModelLoadError,
  startOnnxDevice,
  type OnnxDevice,
  type OnnxDeviceOptions,
} from "./onnx-device.ts";
