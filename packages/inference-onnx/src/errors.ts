/** Thrown when a member's graph does not load, does not run or does not fit its labels: the model directory must be corrected. */
export class ModelLoadError extends Error {
  override readonly name = "ModelLoadError";
  readonly code = "MODEL_LOAD_FAILED";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** Thrown when the execution provider that was asked for is not there: another one is never taken silently. */
export class ProviderMissingError extends Error {
  override readonly name = "ProviderMissingError";
  readonly code = "PROVIDER_MISSING";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** Thrown when the device has not even memory for a member and a single image: for this network it is too small, or others fill it. */
export class DeviceMemoryError extends Error {
  override readonly name = "DeviceMemoryError";
  readonly code = "DEVICE_OUT_OF_MEMORY";
  readonly retryable = true;
  readonly exitCode = 69;
}

/** Thrown when the device is lost in mid-run: the engine must end and a fresh one take over. */
export class DeviceLostError extends Error {
  override readonly name = "DeviceLostError";
  readonly code = "DEVICE_LOST";
  readonly retryable = true;
}
