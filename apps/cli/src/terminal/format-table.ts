import { escapeControls } from "./escape-controls.ts";

export interface Column<Row> {
  readonly title: string;
  readonly alignment?: "left" | "right";
  /** Longer cells are cut in the middle. */
  readonly maxWidth?: number;
  cell(row: Row): string;
}

/** Lines of a table with a heading; cells are escaped, the last column is not padded. */
export function formatTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => cellText(column, row)));
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...cells.map((line) => width(line[index] ?? ""))),
  );
  const titles = columns.map((column) => column.title);
  return [titles, ...cells].map((line) => formatLine(columns, widths, line)).join("\n");
}

function cellText<Row>(column: Column<Row>, row: Row): string {
  return cutInMiddle(escapeControls(column.cell(row)), column.maxWidth ?? Number.POSITIVE_INFINITY);
}

function formatLine<Row>(
  columns: readonly Column<Row>[],
  widths: readonly number[],
  line: readonly string[],
): string {
  const padded = columns.map((column, index) => {
    const text = line[index] ?? "";
    const gap = " ".repeat(Math.max(0, (widths[index] ?? 0) - width(text)));
    return column.alignment === "right" ? gap + text : text + gap;
  });
  return padded.join("  ").trimEnd();
}

function cutInMiddle(text: string, maxWidth: number): string {
  if (width(text) <= maxWidth) return text;
  const characters = Array.from(text);
  const head = Math.ceil((maxWidth - 1) / 2);
  const tail = Math.floor((maxWidth - 1) / 2);
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - tail).join("")}`;
}

/** Code points; a few scripts are wider on screen, which costs no more than a ragged column. */
function width(text: string): number {
  return Array.from(text).length;
}
