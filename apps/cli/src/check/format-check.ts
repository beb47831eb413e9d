import { escapeControls } from "../terminal/escape-controls.ts";
import type { CheckReport } from "./check-model.ts";
import type { Finding } from "./finding.ts";

/** What a check found, for a person: the answer, the time it took, then every finding with its remedy. */
export function formatCheck({
  folder,
  classes,
  digest,
  findings,
  top,
  timing,
}: CheckReport): string {
  return [
    `${escapeControls(folder)}: ${summaryOf(findings)}`,
    ...(digest === null ? [] : [`  digest   ${digest}`]),
    ...(classes === null ? [] : [`  classes  ${classes}`]),
    ...(timing === null ? [] : [`  time     ${timeText(timing)}`]),
    ...(top ?? []).map(
      ({ label, probability }, i) =>
        `  ${i === 0 ? "says   " : "       "}  ${probability.toFixed(4)}  ${escapeControls(label)}`,
    ),
    ...findings.flatMap(findingLines),
  ].join("\n");
}

/** "2 errors, 1 warning", or that nothing was found. */
export function summaryOf(findings: readonly Finding[]): string {
  const counts = (["error", "warning", "note"] as const).flatMap((severity) => {
    const count = findings.filter((found) => found.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  return counts.length === 0 ? "no mistakes found" : counts.join(", ");
}

function timeText({ batch1Ms, batch8Ms }: NonNullable<CheckReport["timing"]>): string {
  return `${batch1Ms.toFixed(1)} ms per picture alone, ${batch8Ms.toFixed(1)} ms in a batch of 8`;
}

function findingLines({ severity, code, what, fix }: Finding): string[] {
  return ["", `${severity} ${code}: ${escapeControls(what)}`, `  → ${escapeControls(fix)}`];
}
