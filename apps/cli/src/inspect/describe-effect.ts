import type { DecisionView } from "@sluice/storage";

/** Where the object is because of its decision, in a few words. */
export function describeEffect({ effect, failure }: DecisionView): string {
  if (failure !== null) return `not done: ${failure.message}`;
  switch (effect.result) {
    case null:
      return "under way";
    case "nothing":
      return "stays";
    case "discarded":
      return "answered; our copy is gone";
    case "left":
      return "public, waits for review";
    case "held":
      return "held for review";
    case "published":
      return effect.plan.kind === "publish" ? `in ${effect.plan.to}` : "published";
    case "conflict":
      return "held: other content has its name";
    case "vaulted":
      return "in the vault";
    case "restored":
      return "given back";
    case "refused":
      return "not given back: its place is taken";
    case "changed":
      return "replaced by another version";
    case "locked":
      return "still there: its bucket refuses to remove it";
    case "gone":
      return "gone";
    default:
      return effect.result satisfies never;
  }
}
