/**
 * Thrown when not every frame of an animated PNG can be seen as a viewer might show it; becomes
 * `unscannable('hidden-frames')`: viewers differ in what they make of such a file.
 */
export class HiddenFramesError extends Error {
  override readonly name = "HiddenFramesError";
  readonly code = "HIDDEN_FRAMES";
  readonly retryable = false;
}
