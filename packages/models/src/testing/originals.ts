import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Architecture } from "../architectures/architecture.ts";
import { defineNamed, namingsOf, type NamedGraph } from "../names/choose-naming.ts";

/** See test/parity/README.md. */
export const PARITY_FOLDER = join(import.meta.dirname, "../../../../test/parity");

/** What a library says of a network. */
export interface OriginalFacts {
  readonly tensors: number;
  readonly sha256: string;
  readonly parameters: number;
  readonly macs?: number;
}

/** Library, then name of our architecture. */
export const originals: Readonly<Record<string, Readonly<Record<string, OriginalFacts>>>> =
  JSON.parse(await readFile(join(PARITY_FOLDER, "originals.json"), "utf8"));

/** SHA-256 over the names and sizes of all tensors as the library has them; independent of their order. */
export function hashTensors({ naming, parameters }: NamedGraph): string {
  const lines = parameters.map(
    ({ name, shape }) => `${naming.rename(name)} ${shape.reduce((a, b) => a * b, 1)}`,
  );
  return createHash("sha256").update(lines.toSorted().join("\n")).digest("hex");
}

/** The naming of a library whose names are exactly the original's; undefined when there is none. */
export function findNaming(
  library: string,
  architecture: Architecture,
): NamedGraph["naming"] | undefined {
  const size = { classes: 1000, inputSize: architecture.image.crop };
  const sha256 = originals[library]?.[architecture.name]?.sha256;
  return namingsOf(architecture)
    .filter((naming) => library.startsWith(naming.library))
    .find((naming) => hashTensors(defineNamed(architecture, naming, size)) === sha256);
}
