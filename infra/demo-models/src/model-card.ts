import { join } from "node:path";

/** The demo's ensemble, smallest first; each name is a torchvision architecture. */
export const DEMO_MODELS = ["squeezenet1_1", "googlenet", "efficientnet_b0"] as const;

export type DemoModel = (typeof DEMO_MODELS)[number];

/** Absolute path of the card that names a model's architecture, labels, preprocessing and weights. */
export function findModelCard(model: DemoModel): string {
  // Sources and compiled files both lie one folder below the package.
  return join(import.meta.dirname, "..", "weights", `${model}.json`);
}
