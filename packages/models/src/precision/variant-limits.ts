/** What a variant must show before `precision: auto` takes it. */
export interface VariantLimits {
  /** Least share of held-out pictures whose most likely class is the float model's, 0–1. */
  readonly minTop1Agreement: number;
  /** Greatest share of held-out pictures that are decided otherwise, 0–1. */
  readonly maxDecisionsChanged: number;
  /** Fewest held-out pictures that its report may rest on. */
  readonly minPictures: number;
  /** How many times as fast as float32 it must run on this machine, at least 1. */
  readonly minSpeedup: number;
}
