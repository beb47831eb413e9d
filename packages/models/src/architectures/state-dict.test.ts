import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listParameters } from "../graph/measure.ts";
import { defineGraph } from "./architecture.ts";
import { findArchitecture } from "./registry.ts";

const path = join(import.meta.dirname, "../../../../test/parity/torchvision/state-dicts.json");
const published: Record<string, { tensors: number; sha256: string }> = JSON.parse(
  await readFile(path, "utf8"),
);

describe("tensors have the names and shapes of the original's state dict", () => {
  test.each(Object.entries(published))("%s", (name, { tensors, sha256 }) => {
    const architecture = findArchitecture(name)!;
    const graph = defineGraph(architecture, { classes: 1000, inputSize: architecture.image.crop });
    const lines = listParameters(graph).map((p) => `${p.name} ${p.shape.join()}`);
    expect(lines).toHaveLength(tensors);
    const digest = createHash("sha256").update(lines.toSorted().join("\n")).digest("hex");
    expect(digest).toBe(sha256);
  });
});
