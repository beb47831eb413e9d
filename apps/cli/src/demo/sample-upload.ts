import type { UnscannableReason } from "@sluice/contracts";
import type { PictureKind } from "@sluice/demo-models";

/** What a sample upload is made of. `index` picks one of the generator's pictures of that kind. */
export type Recipe =
  | { readonly make: "picture"; readonly format: PictureFormat; readonly of: Drawing }
  | { readonly make: "cmyk-jpeg"; readonly of: Drawing }
  /** Stored lying on its side, with an EXIF tag that turns it upright for whoever looks at it. */
  | { readonly make: "turned-jpeg"; readonly of: Drawing }
  | { readonly make: "animated-gif"; readonly frames: readonly Drawing[] }
  /** Only the first part of a JPEG's bytes, as an upload that was cut off. */
  | { readonly make: "truncated-jpeg"; readonly of: Drawing; readonly keepFraction: number }
  | { readonly make: "blank-png"; readonly width: number; readonly height: number }
  | { readonly make: "text"; readonly text: string }
  | { readonly make: "empty" };
export type PictureFormat = "jpeg" | "png" | "webp" | "avif";

export interface Drawing {
  readonly kind: PictureKind;
  readonly index: number;
}

/**
 * How the file comes to be where Sluice looks. `before-start`: it was there already. `in-pieces`: written slowly,
 * as over a network. `moved-in`: complete elsewhere, then renamed, as careful uploaders do.
 */
export type Arrival = "before-start" | "written" | "in-pieces" | "moved-in";

/** The state that a careful administrator would want. */
export type Expectation =
  /** `label`: what the models must see in it; left out where any allowed kind will do. */
  | { readonly decision: "allow"; readonly label?: PictureKind }
  | { readonly decision: "quarantine"; readonly label: PictureKind; readonly frame?: number }
  | { readonly decision: "review"; readonly because: readonly ReviewCause[] };

/** `damaged`: classified, but only the tolerant decoder could read it. */
export type ReviewCause = UnscannableReason | "damaged";

export interface SampleUpload {
  readonly source: "gate" | "sweep";
  /** Path below the source's folder. */
  readonly path: string;
  readonly about: string;
  readonly recipe: Recipe;
  readonly arrival: Arrival;
  readonly expected: Expectation;
}
