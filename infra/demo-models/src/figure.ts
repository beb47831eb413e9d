import type { Palette } from "./palette.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What a kind needs to draw itself around the origin, within about 100 units each way. */
export interface Figure {
  readonly random: SeededRandom;
  readonly palette: Palette;
  /** SVG attributes of the outline, or empty. */
  readonly stroke: string;
}
