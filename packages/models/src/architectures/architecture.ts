import { Network } from "../graph/network.ts";
import type { Graph, Value } from "../graph/operation.ts";
import type { Renaming } from "../names/renaming.ts";

/** How pictures become the model's input; sizes in pixels. */
export interface ImageSettings {
  /** `shortest-edge` (when left out) keeps the proportions; `stretch` makes both sides `crop`, whatever `resize` says. */
  readonly fit?: "shortest-edge" | "stretch";
  /** Length of the shorter side after resizing. */
  readonly resize: number;
  /** Side of the square cut from the middle. */
  readonly crop: number;
  readonly interpolation: "bilinear" | "bicubic";
  /** Per channel (red, green, blue), for pixels scaled to 0–1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** ImageNet statistics, torchvision 0.14 `ImageClassification` preset. */
export const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
export const IMAGENET_STD = [0.229, 0.224, 0.225] as const;

export type Library = "torchvision" | "pytorchcv" | "fastai" | "timm" | "tutorial";

/** How the checkpoints of a library look. */
export interface Naming {
  readonly library: Library;
  readonly rename: Renaming;
  /** Where the library's network of the same name is built or normalised otherwise. */
  readonly define?: Architecture["define"];
  /** Where its ImageNet weights were trained with another preprocessing. */
  readonly image?: ImageSettings;
}

/** A published architecture: its definition and the facts that are printed beside it. */
export interface Architecture {
  /** As torchvision, pytorchcv or fastai spell it. */
  readonly name: string;
  readonly family: string;
  /** Library that publishes it under this name. */
  readonly source: Library;
  /** Preprocessing of the published ImageNet weights. */
  readonly image: ImageSettings;
  /** Published ImageNet top-1 accuracy in percent, null where none was published. */
  readonly top1: number | null;
  /** Writes the layers; returns what the classifier reads and what it gives. */
  readonly define: (network: Network, classes: number) => Heads;
  /** How libraries name its tensors, all that are accepted; when left out, as the definition does. */
  readonly namings?: readonly Naming[];
  /** Begins the names of auxiliary training heads, which are left out of a checkpoint. */
  readonly auxiliary?: readonly string[];
}

export interface Heads {
  readonly embeddings: Value;
  readonly logits: Value;
}

/** The network of an architecture for pictures of `inputSize` pixels and a number of classes. */
export function defineGraph(
  architecture: Pick<Architecture, "define">,
  { classes, inputSize }: { classes: number; inputSize: number },
): Graph {
  const network = new Network(inputSize);
  const { embeddings, logits } = architecture.define(network, classes);
  return { input: network.input, steps: network.steps, embeddings, logits };
}

/** Preprocessing of torchvision's first ImageNet weights: 256 to 224, or as given. */
export function imagenet(
  change: Partial<Pick<ImageSettings, "fit" | "resize" | "crop" | "interpolation">> = {},
): ImageSettings {
  return {
    resize: 256,
    crop: 224,
    interpolation: "bilinear",
    mean: IMAGENET_MEAN,
    std: IMAGENET_STD,
    ...change,
  };
}
