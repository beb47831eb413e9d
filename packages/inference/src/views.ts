/**
 * Test-time views: which crops of every frame the members see; a member's probabilities are their mean.
 * `center`: the middle, as the model's card says. `center+flip`: and its mirror image. `five-crop`: the four corners
 * and the middle of the resized picture.
 */
export const VIEWS = ["center", "center+flip", "five-crop"] as const;
export type Views = (typeof VIEWS)[number];

/** Rows of a batch that one frame takes. */
export function countViews(views: Views): number {
  switch (views) {
    case "center":
      return 1;
    case "center+flip":
      return 2;
    case "five-crop":
      return 5;
    default:
      return views satisfies never;
  }
}
