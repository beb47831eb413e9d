/** Thrown while a network is defined, when pictures of the chosen size cannot pass through it. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}
