import type { Preprocessing } from "../directory/preprocessor-config.ts";
import type { FloatTensor } from "./graph-session.ts";

/**
 * What a model reads: float32 NCHW, normalised.
 *
 * @param pictures uint8 RGB rows, `height·width·3` bytes each, resized and cropped as the model's card says
 */
export function pictureTensor(
  pictures: readonly Uint8Array[],
  { rescale, mean, std, cropHeight, cropWidth }: Preprocessing,
): FloatTensor {
  const plane = cropHeight * cropWidth;
  const data = new Float32Array(pictures.length * 3 * plane);
  for (const [n, pixels] of pictures.entries()) {
    for (let c = 0; c < 3; c++) {
      const scale = rescale / (std[c] ?? 1);
      const shift = -(mean[c] ?? 0) / (std[c] ?? 1);
      const target = data.subarray((n * 3 + c) * plane, (n * 3 + c + 1) * plane);
      for (let i = 0; i < plane; i++) target[i] = (pixels[i * 3 + c] ?? 0) * scale + shift;
    }
  }
  return { data, shape: [pictures.length, 3, cropHeight, cropWidth] };
}
