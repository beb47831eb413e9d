import type { Classification, LabelScore } from "@sluice/contracts";
import { stringify } from "csv-stringify/sync";
import { escapeControls } from "../terminal/escape-controls.ts";
import type { ClassifiedInput } from "./local-engine.ts";

/** How results are written, a line or more each; nothing is kept back, so that output can be read while it grows. */
export interface ResultFormat {
  /** Before the first result; null for none. */
  readonly heading: string | null;
  /** Without the line's end. */
  line(result: ClassifiedInput): string;
}

export const FORMATS = ["table", "csv", "jsonl"] as const;
export type FormatName = (typeof FORMATS)[number];

/** @param top how many labels of each picture are told, the best first */
export function createFormat(name: FormatName, top: number): ResultFormat {
  if (name === "csv") return csv(top);
  if (name === "jsonl")
    return { heading: null, line: (result) => JSON.stringify(toJson(result, top)) };
  return { heading: null, line: (result) => tableLine(result, top) };
}

/**
 * RFC 4180. Names are the uploader's: a cell that a spreadsheet would run as a formula is disarmed, and control characters are
 * escaped, so that a row is one line and harmless on a terminal. JSON has the very names.
 */
function csv(top: number): ResultFormat {
  const write = (row: readonly unknown[]): string =>
    stringify([row], { escape_formulas: true, eof: false });
  const labels = Array.from({ length: top }, (_, i) => [`label_${i + 1}`, `score_${i + 1}`]);
  const columns = [
    "path",
    "outcome",
    "sha256",
    "format",
    "width",
    "height",
    "frames",
    "frames_seen",
    "damaged",
  ];
  return {
    heading: write([...columns, ...labels.flat()]),
    line({ input, classification }) {
      const scores = bestOf(classification, top).flatMap(({ label, score }) => [label, score]);
      const missing = Array.from({ length: 2 * top - scores.length }, () => "");
      return write([escapeControls(input.name), ...facts(classification), ...scores, ...missing]);
    },
  };
}

function facts(classification: Classification): readonly (string | number)[] {
  if (classification.kind !== "classified") {
    const sha256 = "sha256" in classification ? (classification.sha256 ?? "") : "";
    return [outcomeOf(classification), sha256, "", "", "", "", "", ""];
  }
  const { sha256, format, width, height, frames, framesSeen, isDamaged } = classification;
  const seen = framesSeen ?? frames;
  return ["classified", sha256, format, width, height, frames, seen, isDamaged ? "yes" : "no"];
}

function toJson({ input, classification }: ClassifiedInput, top: number): object {
  const { kind, ...rest } = classification;
  if (!("scores" in rest)) return { path: input.name, outcome: kind, ...rest };
  const members = rest.members.map((member) => ({
    ...member,
    scores: member.scores.slice(0, top),
  }));
  return { path: input.name, outcome: kind, ...rest, scores: rest.scores.slice(0, top), members };
}

/** The score first, so that columns stand below each other whatever the names are. */
function tableLine({ input, classification }: ClassifiedInput, top: number): string {
  const name = escapeControls(input.name);
  if (classification.kind !== "classified") {
    const detail = "detail" in classification ? `: ${escapeControls(classification.detail)}` : "";
    return `${name}\n  not classified (${outcomeOf(classification)}${detail})`;
  }
  const damaged = classification.isDamaged ? "\n  damaged: only a tolerant decoder reads it" : "";
  const { frames, framesSeen: seen = frames } = classification;
  const unseen = seen < frames ? `\n  only ${seen} of ${frames} frames were looked at` : "";
  const { cascade } = classification;
  const early =
    cascade !== undefined && cascade.stage < cascade.stages
      ? `\n  decided after stage ${cascade.stage} of ${cascade.stages}`
      : "";
  const scores = bestOf(classification, top).map(({ label, score, frame }) => {
    const where = frame === undefined ? "" : ` (frame ${frame})`;
    return `\n  ${(100 * score).toFixed(1).padStart(5)} %  ${escapeControls(label)}${where}`;
  });
  return `${name}${damaged}${unseen}${early}${scores.join("")}`;
}

function bestOf(classification: Classification, top: number): readonly LabelScore[] {
  return classification.kind === "classified" ? classification.scores.slice(0, top) : [];
}

export function outcomeOf(classification: Classification): string {
  if (classification.kind === "classified") return "classified";
  return classification.reason;
}
