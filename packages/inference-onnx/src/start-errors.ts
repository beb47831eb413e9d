import type { DeviceReply } from "./device-messages.ts";
import {
  DeviceLostError,
  DeviceMemoryError,
  ModelLoadError,
  ProviderMissingError,
} from "./errors.ts";

/** Why a device thread that answered so did not start. */
export function toStartError(reply: DeviceReply, provider: string): Error {
  switch (reply.type) {
    case "bad-model":
      return new ModelLoadError(
        `model ${reply.model}: ONNX Runtime cannot run it (${reply.message}): correct or export it again, or take the member out of the ensemble`,
      );
    case "no-provider":
      return new ProviderMissingError(
        `expected the execution provider "${provider}", but it does not work here (${reply.message}): "sluice doctor" names what is missing; install that, or choose another device, as the CPU is never taken in its place unasked`,
      );
    case "no-memory":
      return new DeviceMemoryError(
        `model ${reply.model}: the device has no memory for it, not even for a single image (${reply.message}): end what else uses the device, take a larger one, or a smaller model`,
      );
    default:
      return new DeviceLostError("the device answered oddly at start");
  }
}
