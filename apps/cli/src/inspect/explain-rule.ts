import type { Rule } from "@sluice/moderation";

/** One line that says why a decision is what it is, with the numbers that were compared. */
export function explainRule(rule: Rule): string {
  switch (rule.kind) {
    case "forbidden": {
      const where = rule.frame === undefined ? "" : ` in frame ${rule.frame + 1}`;
      return `${rule.label} ${percent(rule.score)}${where}, ${rule.level} from ${percent(rule.threshold)}`;
    }
    case "damaged":
      return "damaged: only the tolerant decoder could read it";
    case "unseen-frames":
      return `only ${rule.seen} of ${rule.frames} frames were looked at`;
    case "unscannable":
      return `not scanned: ${rule.reason}`;
    case "unknown-ensemble":
      return "no worker has told which labels its models know";
    case "unknown-label":
      return `the models do not know ${rule.label ?? `class ${rule.classId ?? "?"}`}, which the policy forbids`;
    case "threshold-below-floor":
      return `threshold ${percent(rule.threshold)} lies below the score floor ${percent(rule.scoreFloor)}`;
    case "left-early":
      return `decided after stage ${rule.stage} of ${rule.stages}, where threshold ${percent(rule.threshold)} of ${rule.label ?? `class ${rule.classId ?? "?"}`} was not looked at`;
    case "no-scores":
      return "the models gave no scores";
    case "invalid-score":
      return `the score of ${rule.label} is no number from 0 to 1`;
    case "exemption":
      return "a person let this content go before";
    case "nothing-forbidden":
      return rule.nearest === null
        ? "nothing forbidden"
        : `nothing forbidden, nearest ${rule.nearest.label} ${percent(rule.nearest.score)}`;
    case "gone":
      return rule.reason === "missing" ? "it is not there any more" : "another version lies there";
    default:
      return rule satisfies never;
  }
}

/** Three figures at the ends, where they matter: 99.97 % is not certainty. */
function percent(score: number): string {
  const value = score * 100;
  const digits = value > 99 || value < 1 ? 2 : 1;
  return `${value.toFixed(digits)} %`;
}
