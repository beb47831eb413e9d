import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { DEMO_MODELS, findModelCard } from "./model-card.ts";
import { PICTURE_KINDS } from "./picture-kind.ts";

const MAX_WEIGHTS_BYTES = 20 * 1024 * 1024;

interface Card {
  architecture: string;
  labels: string[];
  weights: string;
  sha256: string;
}

describe("demo model cards", () => {
  it.each(DEMO_MODELS)(
    "%s has the kinds as its labels, in the order of class ids",
    async (model) => {
      const { architecture, labels } = await readCard(model);
      expect(architecture).toBe(model);
      expect(labels).toEqual(PICTURE_KINDS);
    },
  );

  it.each(DEMO_MODELS)("%s names the digest of the weights that lie beside it", async (model) => {
    const { sha256 } = await readCard(model);
    const content = await readFile(await weightsPath(model));
    expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
  });

  it("keeps all weights together within 20 MiB", async () => {
    const files = await Promise.all(
      DEMO_MODELS.map(async (model) => stat(await weightsPath(model))),
    );
    const total = files.reduce((sum, { size }) => sum + size, 0);
    expect(total).toBeLessThanOrEqual(MAX_WEIGHTS_BYTES);
  });
});

describe("golden logits", () => {
  it("hold eight inputs of eight classes for every model", async () => {
    const path = join(dirname(findModelCard("googlenet")), "golden.json");
    const { logits } = JSON.parse(await readFile(path, "utf8")) as {
      logits: Record<string, number[][]>;
    };
    expect(Object.keys(logits).sort()).toEqual([...DEMO_MODELS].sort());
    for (const rows of Object.values(logits)) {
      expect(rows.map(({ length }) => length)).toEqual(Array.from({ length: 8 }, () => 8));
    }
  });
});

async function readCard(model: (typeof DEMO_MODELS)[number]): Promise<Card> {
  return JSON.parse(await readFile(findModelCard(model), "utf8")) as Card;
}

async function weightsPath(model: (typeof DEMO_MODELS)[number]): Promise<string> {
  const card = findModelCard(model);
  return join(dirname(card), (await readCard(model)).weights);
}
