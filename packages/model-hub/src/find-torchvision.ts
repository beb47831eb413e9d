import type { ImageSettings } from "./image-settings.ts";
import { ModelReferenceError } from "./model-hub-error.ts";
import type { ModelReference } from "./model-reference.ts";
import { TORCHVISION_WEIGHTS } from "./torchvision-weights.ts";

export interface TorchvisionWeights {
  readonly file: string;
  /** First eight hex digits of the file's SHA-256. */
  readonly sha256Prefix: string;
  readonly image: ImageSettings;
}

/** torchvision 0.14 `ImageClassification` preset. */
const MEAN = [0.485, 0.456, 0.406] as const;
const STD = [0.229, 0.224, 0.225] as const;
/**
 * Their published weights come with `transform_input=True`: the network itself turns ImageNet's normalisation into
 * (x - 0.5) / 0.5. Our graphs do not, so it belongs to the preprocessing.
 */
const NORMALISE_INSIDE = new Set(["googlenet", "inception_v3"]);
const HALF = [0.5, 0.5, 0.5] as const;

/** @throws ModelReferenceError for a name, or a second edition, that torchvision does not publish */
export function findTorchvisionWeights({
  name,
  weights,
}: Extract<ModelReference, { kind: "torchvision" }>): TorchvisionWeights {
  const editions = Object.hasOwn(TORCHVISION_WEIGHTS, name) ? TORCHVISION_WEIGHTS[name] : undefined;
  if (editions === undefined) {
    const known = Object.keys(TORCHVISION_WEIGHTS).join(", ");
    throw new ModelReferenceError(
      `torchvision:${name}: there is no such model; known are ${known}`,
    );
  }
  const row = weights === "v1" ? editions[0] : editions[1];
  if (row === undefined) {
    throw new ModelReferenceError(
      `torchvision:${name}@v2: only one edition is published; name it torchvision:${name}`,
    );
  }
  const [file, resize, crop, interpolation = "bilinear"] = row;
  const normalisation = NORMALISE_INSIDE.has(name)
    ? { mean: HALF, std: HALF }
    : { mean: MEAN, std: STD };
  return {
    file,
    sha256Prefix: file.slice(-12, -4),
    image: { resize, crop, interpolation, ...normalisation },
  };
}
