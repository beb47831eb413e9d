import type { ExaminedVariants } from "@sluice/models";
import { escapeControls } from "../terminal/escape-controls.ts";

const DEVICES = { int8: "on CPUs", fp16: "on GPUs" } as const;

/** What `precision: auto` makes of a directory's variants, a line each. */
export function formatExamined({ passed, refused }: ExaminedVariants): string[] {
  const lines = [
    ...passed.map(({ variant, agreement: { top1Agreement, decisionsChanged, pictures } }) => {
      const agreement = `${(100 * top1Agreement).toFixed(1)} % the same top-1, ${decisionsChanged} decisions changed, of ${pictures} pictures`;
      return `${variant} passes (${agreement}); taken ${DEVICES[variant]} that run it faster`;
    }),
    ...refused.map(({ variant, detail }) => `${variant} is not taken: ${escapeControls(detail)}`),
  ];
  if (lines.length === 0) return [];
  return ["", "precision: auto, with the default limits", ...lines.map((line) => `  ${line}`)];
}
