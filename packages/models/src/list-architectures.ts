import { defineGraph } from "./architectures/architecture.ts";
import { architectures } from "./architectures/registry.ts";
import { countMultiplyAdds, countParameters } from "./graph/measure.ts";
import { namingsOf } from "./names/choose-naming.ts";

export interface ArchitectureFacts {
  readonly name: string;
  readonly family: string;
  /** Trained weights at 1,000 classes, auxiliary heads left out. */
  readonly parameters: number;
  /** Multiply-adds of one picture at `inputSize`. */
  readonly macs: number;
  /** Side of the input in pixels. */
  readonly inputSize: number;
  /** Library that publishes it under this name. */
  readonly source: string;
  /** Libraries whose weights are read, by the names that they give to tensors. */
  readonly libraries: readonly string[];
  /** Published ImageNet top-1 in percent. */
  readonly top1: number | null;
}

/** The architectures that can be built, with the figures of their published ImageNet form. */
export function listArchitectures(): readonly ArchitectureFacts[] {
  return architectures.map((architecture) => {
    const { name, family, source, top1, image } = architecture;
    const graph = defineGraph(architecture, { classes: 1000, inputSize: image.crop });
    return {
      name,
      family,
      parameters: countParameters(graph),
      macs: countMultiplyAdds(graph),
      inputSize: image.crop,
      source,
      libraries: [...new Set(namingsOf(architecture).map(({ library }) => library))],
      top1,
    };
  });
}
