import type { Figure } from "./figure.ts";
import { drawCheckerboard } from "./kinds/checkerboard.ts";
import { drawFish } from "./kinds/fish.ts";
import { drawFlower } from "./kinds/flower.ts";
import { drawHouse } from "./kinds/house.ts";
import { drawMountains } from "./kinds/mountains.ts";
import { drawStarburst } from "./kinds/starburst.ts";
import { drawTarget } from "./kinds/target.ts";
import { drawUmbrella } from "./kinds/umbrella.ts";

/** The labels of the demo models; position is the class id, so the order must never change. */
export const PICTURE_KINDS = [
  "checkerboard",
  "fish",
  "flower",
  "house",
  "mountains",
  "starburst",
  "target",
  "umbrella",
] as const;

export type PictureKind = (typeof PICTURE_KINDS)[number];

/** The kind that the demo's policy forbids. */
export const FORBIDDEN_KIND: PictureKind = "target";

/** How a kind is drawn, and how far in degrees it may be turned either way and still be itself. */
export interface KindDrawing {
  readonly draw: (figure: Figure) => string;
  readonly maxTurnDegrees: number;
}

export const KIND_DRAWINGS: Readonly<Record<PictureKind, KindDrawing>> = {
  checkerboard: { draw: drawCheckerboard, maxTurnDegrees: 45 },
  fish: { draw: drawFish, maxTurnDegrees: 35 },
  flower: { draw: drawFlower, maxTurnDegrees: 25 },
  house: { draw: drawHouse, maxTurnDegrees: 14 },
  mountains: { draw: drawMountains, maxTurnDegrees: 7 },
  starburst: { draw: drawStarburst, maxTurnDegrees: 180 },
  target: { draw: drawTarget, maxTurnDegrees: 180 },
  umbrella: { draw: drawUmbrella, maxTurnDegrees: 30 },
};
