import { escapeControls } from "../terminal/escape-controls.ts";
import type { Finding } from "./finding.ts";

const SIGNS = { ok: "✓", warning: "!", broken: "✗" } as const;

/** One line per finding, with its remedy behind an arrow; a message of several lines stays so, indented. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings.map(formatFinding).join("\n");
}

function formatFinding({ what, state, found, remedy }: Finding): string {
  const text = found.split("\n").map(escapeControls).join("\n    ");
  const end = remedy === null ? "" : ` → ${escapeControls(remedy)}`;
  return `${SIGNS[state]} ${what}: ${text}${end}`;
}

/** "all is well", or how much is not. */
export function summaryOf(findings: readonly Finding[]): string {
  const count = (state: Finding["state"]): number =>
    findings.filter((finding) => finding.state === state).length;
  const [wrong, doubtful] = [count("broken"), count("warning")];
  if (wrong === 0 && doubtful === 0) return "all is well";
  const parts = [
    ...(wrong === 0 ? [] : [`${wrong} broken`]),
    ...(doubtful === 0 ? [] : [`${doubtful} to look at`]),
  ];
  return parts.join(", ");
}
