import type { DirectoryReport, OnnxPort, OnnxReport } from "@sluice/models";
import { escapeControls } from "../terminal/escape-controls.ts";

/** Operators beyond these are added up; a hostile graph may name as many as it likes. */
const MAX_OPERATORS = 40;
const MAX_PORTS = 40;

/** What an ONNX file is, for a person. */
export function formatOnnxReport(report: OnnxReport): string {
  const { path, bytes, sha256, tensors, parameters, parameterBytes } = report;
  const producer = [report.producer, report.producerVersion].filter((text) => text !== "");
  const opsets = report.opsets.map(({ domain, version }) => `${domain} ${version}`);
  return [
    `${safe(path)}: ONNX, ${megabytes(bytes)}`,
    `  sha256      ${sha256}`,
    `  producer    ${producer.length === 0 ? "not said" : safe(producer.join(" "))}`,
    `  versions    IR ${report.irVersion}, operator set ${safe(opsets.slice(0, MAX_PORTS).join(", "))}`,
    ...portLines("input ", report.inputs),
    ...portLines("output", report.outputs),
    `  parameters  ${parameters} in ${tensors} tensors, ${megabytes(parameterBytes)}`,
    `  operators   ${operatorText(report)}`,
    ...report.externalFiles
      .slice(0, MAX_PORTS)
      .map(
        ({ location, tensors: count, bytes: size, state }) =>
          `  external    ${safe(location)}: ${count} tensors, ${megabytes(size)}, ${STATES[state]}`,
      ),
  ].join("\n");
}

const STATES = {
  present: "there",
  missing: "not there",
  "too-short": "shorter than the model says",
  outside: "outside of the model's folder, refused",
} as const;

/** What a model directory holds, for a person. */
export function formatDirectoryReport(report: DirectoryReport): string {
  const { folder, card, network, variants, problems } = report;
  return [
    `${safe(folder)}: model directory`,
    ...(card === null ? [] : cardLines(card)),
    ...(variants.length === 0 ? [] : [`  variants       ${safe(variants.join(", "))}`]),
    ...problems.map((problem) => `  problem        ${safe(problem)}`),
    ...(network === null ? [] : ["", formatOnnxReport(network)]),
  ].join("\n");
}

const MAX_LABELS = 5;

function cardLines({
  digest,
  labels,
  preprocessing,
}: NonNullable<DirectoryReport["card"]>): string[] {
  const { fit, resize, cropHeight, cropWidth, interpolation, rescale, mean, std } = preprocessing;
  const size = `${cropWidth}×${cropHeight}`;
  const steps =
    fit === "stretch"
      ? `stretched to ${size}`
      : `shorter side to ${resize}, ${size} from the middle`;
  const first = labels.slice(0, MAX_LABELS).join(", ");
  return [
    `  digest         ${digest}`,
    `  labels         ${labels.length}: ${safe(first)}${labels.length > MAX_LABELS ? ", …" : ""}`,
    `  preprocessing  ${steps} (${interpolation}), times ${rescale}, mean ${mean.join(", ")}, deviation ${std.join(", ")}`,
  ];
}

function portLines(title: string, ports: readonly OnnxPort[]): string[] {
  const lines = ports
    .slice(0, MAX_PORTS)
    .map((port) => `  ${title}      ${safe(port.name)} ${port.type} ${shapeText(port.shape)}`);
  const more = ports.length - lines.length;
  return more > 0 ? [...lines, `  ${title}      and ${more} more`] : lines;
}

function shapeText(shape: OnnxPort["shape"]): string {
  return shape === null ? "of any shape" : `[${shape.map((size) => size ?? "any").join(", ")}]`;
}

function operatorText({ operators }: OnnxReport): string {
  const told = operators
    .slice(0, MAX_OPERATORS)
    .map(({ operator, count }) => `${operator} ${count}`);
  const more = operators.length - told.length;
  return safe([...told, ...(more > 0 ? [`and ${more} kinds more`] : [])].join(", "));
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function safe(text: string): string {
  return escapeControls(text);
}
