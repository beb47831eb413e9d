/** How pictures become a model's input, as `buildModelDirectory` takes it; sizes in pixels. */
export interface ImageSettings {
  /** Length of the shorter side after resizing. */
  readonly resize: number;
  /** Side of the square cut from the middle. */
  readonly crop: number;
  readonly interpolation: "bilinear" | "bicubic";
  /** Per channel (red, green, blue), for pixels scaled to 0–1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}
