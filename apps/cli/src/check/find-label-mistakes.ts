import { finding, type Finding } from "./finding.ts";
import type { RawConfig } from "./read-raw-card.ts";

/** What exporters write when nobody told them the names. */
const GENERIC = /^(?:LABEL[_ ]?\d+|class[_ ]?\d+|\d+)$/iu;

/**
 * Looks for labels that are missing, made up, repeated, or not as many as the network has classes.
 *
 * @param classes of the network's output; null when it does not declare them
 */
export function findLabelMistakes(config: RawConfig | null, classes: number | null): Finding[] {
  const labels = Object.values(config?.id2label ?? {});
  if (labels.length === 0) {
    return [
      finding(
        "labels-missing",
        "config.json names no labels (id2label)",
        'add id2label with the name of every class in the order of training, for example {"0": "cat", "1": "dog"}',
      ),
    ];
  }
  return [...findWrongCount(labels, classes), ...findGeneric(labels), ...findRepeated(labels)];
}

function findWrongCount(labels: readonly string[], classes: number | null): Finding[] {
  if (classes === null || classes === labels.length) return [];
  return [
    finding(
      "labels-count",
      `config.json names ${labels.length} labels, the network has ${classes} outputs`,
      "use the config.json that belongs to this network; a list for other classes names every one of them wrongly",
    ),
  ];
}

function findGeneric(labels: readonly string[]): Finding[] {
  if (!labels.every((label) => GENERIC.test(label))) return [];
  return [
    finding(
      "labels-generic",
      `the labels are placeholders (${labels.slice(0, 3).join(", ")}, …)`,
      "write the real names into id2label of config.json, in the order of training; a policy forbids labels by name",
    ),
  ];
}

const MAX_NAMED = 3;

function findRepeated(labels: readonly string[]): Finding[] {
  const seen = new Set<string>();
  const repeated = labels.filter((label) => seen.size === seen.add(label).size);
  if (repeated.length === 0) return [];
  const named = [...new Set(repeated)].slice(0, MAX_NAMED).join(", ");
  return [
    finding(
      "labels-duplicate",
      `several classes have the same label (${named})`,
      "name them apart if a policy forbids one of them and not the other; a rule for a label means all classes of that name",
    ),
  ];
}
