import type { Machine } from "../bench/machine.ts";
import type { ArchitectureFigures } from "./compare-architectures.ts";
import { speedOf } from "./format-comparison.ts";

/** Pixels of the chart. */
const ROW = 22;
const NAMES = 190;
const BARS = 520;
const RIGHT = 230;
const TOP = 56;

/** Plain colours first, for viewers that know no light-dark(). */
const STYLE = [
  "svg{color-scheme:light dark;background:#fff;background:light-dark(#fff,#16181d)}",
  "text{fill:#1c2330;fill:light-dark(#1c2330,#e3e7ee)}",
  ".dim{fill:#5b6575;fill:light-dark(#5b6575,#9aa4b5)}",
  ".bar{fill:#2f6fdb;fill:light-dark(#2f6fdb,#5c93f0)}",
  ".grid{stroke:#d9dee7;stroke:light-dark(#d9dee7,#343a46)}",
].join("");

/**
 * Bars of images per second on a logarithmic scale, the fastest first, with parameters and published accuracy beside
 * them. One SVG file without scripts or outside references; it follows the light or dark mode of whoever looks.
 */
export function drawChart(figures: readonly ArchitectureFigures[], machine: Machine): string {
  const height = TOP + ROW * figures.length + 40;
  const speeds = figures.map(speedOf);
  const most = 10 ** Math.ceil(Math.log10(Math.max(...speeds, 1.01)));
  const least = 10 ** Math.floor(Math.log10(Math.min(...speeds, most / 10)));
  const place = (speed: number): number =>
    (BARS * Math.log(Math.max(speed, least) / least)) / Math.log(most / least);
  const batch = figures[0]?.batches.at(-1)?.batch ?? 1;
  const rows = figures.map((figure, i) => drawRow(figure, TOP + ROW * i, place(speedOf(figure))));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${NAMES + BARS + RIGHT} ${height}" font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Images per second by architecture">`,
    `<style>${STYLE}</style>`,
    `<text x="8" y="22" font-size="16" font-weight="600">Images per second at batch ${batch}, float32, ${machine.cores} cores of ${escapeText(machine.cpu)}</text>`,
    `<text x="8" y="42" class="dim">${escapeText(machine.platform)}, Node ${escapeText(machine.node)}; logarithmic scale; weights by a formula, which cost what trained ones cost</text>`,
    ...drawGrid({ least, most, place, height }),
    ...rows,
    "</svg>",
    "",
  ].join("\n");
}

function drawRow(figure: ArchitectureFigures, y: number, width: number): string {
  const { name, parameters, top1 } = figure;
  const facts = [
    `${(parameters / 1e6).toFixed(1)} M`,
    ...(top1 === null ? [] : [`${top1.toFixed(1)} %`]),
  ];
  const baseline = y + 15;
  return [
    `<text x="${NAMES - 8}" y="${baseline}" text-anchor="end">${escapeText(name)}</text>`,
    `<rect class="bar" x="${NAMES}" y="${y + 3}" width="${Math.max(1, width).toFixed(1)}" height="${ROW - 7}" rx="2"/>`,
    `<text x="${(NAMES + width + 6).toFixed(1)}" y="${baseline}">${speedOf(figure).toPrecision(3)} <tspan class="dim">· ${facts.join(" · ")}</tspan></text>`,
  ].join("");
}

function drawGrid(scale: {
  least: number;
  most: number;
  place: (speed: number) => number;
  height: number;
}): string[] {
  const lines: string[] = [];
  for (let speed = scale.least; speed <= scale.most * 1.0001; speed *= 10) {
    const x = (NAMES + scale.place(speed)).toFixed(1);
    lines.push(
      `<line class="grid" x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${scale.height - 30}"/><text class="dim" x="${x}" y="${scale.height - 12}" text-anchor="middle">${Number(speed.toPrecision(1))}</text>`,
    );
  }
  return lines;
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/gu, (c) => `&#${c.codePointAt(0) ?? 0};`);
}
