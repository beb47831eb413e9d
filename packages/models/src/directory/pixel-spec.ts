import type { PixelSpec } from "@sluice/inference";
import type { ModelDirectory } from "./read-directory.ts";

/** The pixels that a model takes, as its preprocessor_config.json says. */
export function pixelSpecOf({ preprocessing }: ModelDirectory): PixelSpec {
  const { fit, resize, cropHeight, cropWidth, interpolation } = preprocessing;
  return { fit, resize, height: cropHeight, width: cropWidth, interpolation };
}
