import { IMAGENET_LABELS } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

export interface LabelSources {
  /** `--labels`. */
  readonly given: readonly string[] | null;
  /** `--classes`. */
  readonly classes: number | null;
  /** For how many classes the weights were trained; null when they do not tell. */
  readonly trained: number | null;
}

export interface ChosenLabels {
  readonly labels: readonly string[];
  /** `numbered`: nobody said what the classes are, so they are called "class 0", "class 1", … */
  readonly origin: "given" | "imagenet" | "numbered";
}

/**
 * Labels of a model that is to be built: those given, else ImageNet's for a thousand classes, else numbers.
 *
 * @throws CliError LABELS_INVALID when two of the sources speak of different numbers of classes, USAGE when none does
 */
export function chooseLabels(sources: LabelSources): ChosenLabels {
  const count = agreeOnCount(sources);
  if (sources.given !== null) return { labels: sources.given, origin: "given" };
  if (count === IMAGENET_LABELS.length) return { labels: IMAGENET_LABELS, origin: "imagenet" };
  return { labels: Array.from({ length: count }, (_, id) => `class ${id}`), origin: "numbered" };
}

function agreeOnCount({ given, classes, trained }: LabelSources): number {
  const said: [string, number | null][] = [
    ["the labels file has", given?.length ?? null],
    ["--classes says", classes],
    ["the weights were trained for", trained],
  ];
  const counts = said.flatMap(([who, count]) => (count === null ? [] : [{ who, count }]));
  const [first] = counts;
  if (first === undefined) {
    throw new CliError(
      "USAGE",
      "models build: the weights do not tell for how many classes they were trained; add --labels or --classes",
      { exitCode: EXIT_CODE.usage },
    );
  }
  if (counts.every(({ count }) => count === first.count)) return first.count;
  const told = counts.map(({ who, count }) => `${who} ${count}`).join(", ");
  throw new CliError(
    "LABELS_INVALID",
    `models build: expected one number of classes; ${told}. Give the labels that these weights were trained with`,
    { exitCode: EXIT_CODE.configuration },
  );
}
