import type { BuildFacts } from "@sluice/models";
import { escapeControls } from "../terminal/escape-controls.ts";
import type { BuildPlan } from "./plan-build.ts";

export interface BuildReport extends BuildFacts {
  readonly folder: string;
  readonly labels: BuildPlan["labelOrigin"];
  readonly isDryRun: boolean;
}

const LABELS = {
  given: "from the labels file",
  card: "from the card",
  imagenet: "ImageNet's",
  numbered: "numbered",
} as const;

/** What was built, or would be, one fact per line. */
export function formatBuild(report: BuildReport): string {
  const { folder, isDryRun, architecture, parameters, macs, classes, image } = report;
  const millions = (count: number): string => `${(count / 1e6).toFixed(1)} M`;
  const levels = (values: readonly number[]): string => values.join(", ");
  return [
    `${isDryRun ? "would build" : "built"} ${escapeControls(folder)}`,
    `  architecture   ${architecture}, ${millions(parameters)} parameters, ${millions(macs)} multiply-adds`,
    `  classes        ${classes}, labels ${LABELS[report.labels]}`,
    `  preprocessing  shorter side to ${image.resize} (${image.interpolation}), ${image.crop}×${image.crop} from the middle, mean ${levels(image.mean)}, deviation ${levels(image.std)}`,
  ].join("\n");
}
