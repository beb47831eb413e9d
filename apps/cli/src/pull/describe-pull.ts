import type { ModelLocation } from "@sluice/model-hub";
import { escapeControls } from "../terminal/escape-controls.ts";
import { formatBytes } from "./format-bytes.ts";
import type { PreparedPull } from "./prepare-pull.ts";

/** What would be fetched, from where and how large it is; escaped. */
export function describePlan(prepared: PreparedPull, { isJson }: { isJson: boolean }): string {
  const { location, build, outDir } = prepared;
  const files = location.files.map(describeFile);
  const report = { origin: location.origin, kind: location.kind, files, ...factsOf(prepared) };
  if (isJson) return JSON.stringify(report, null, 2);
  const sizes = files.map((file) => file.bytes);
  const total = sizes.reduce<number | null>(
    (sum, bytes) => (sum === null || bytes === null ? null : sum + bytes),
    0,
  );
  const made =
    build === null ? "" : `, built as ${build.architecture} with ${build.labels.length} classes`;
  const lines = [
    `would fetch ${location.origin} into ${outDir}${made}`,
    ...files.map(({ name, url, bytes }) => `  ${name}  ${sizeText(bytes)}  ${url}`),
    `  in all ${sizeText(total)}`,
  ];
  return lines.map(escapeControls).join("\n");
}

/** What was made; escaped. */
export function describePulled(prepared: PreparedPull, { isJson }: { isJson: boolean }): string {
  const { location, outDir } = prepared;
  if (isJson) {
    const { origin, kind } = location;
    return JSON.stringify({ folder: outDir, origin, kind, ...factsOf(prepared) });
  }
  return escapeControls(`pulled ${location.origin} into ${outDir}`);
}

type File = ModelLocation["files"][number];

function describeFile({ name, url, sizeBytes, expected }: File) {
  // What follows a "?" is often a secret.
  const address = `${url.origin}${url.pathname}`;
  return { name, url: address, bytes: sizeBytes, expected };
}

function factsOf({ build }: PreparedPull) {
  if (build === null) return {};
  const { architecture, labels, image } = build;
  return { architecture, classes: labels.length, ...(image === null ? {} : { image }) };
}

function sizeText(bytes: number | null): string {
  return bytes === null ? "unknown size" : formatBytes(bytes);
}
