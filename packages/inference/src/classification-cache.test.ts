import { createHash } from "node:crypto";
import { sha256Schema, type Classified } from "@sluice/contracts";
import { expect, test } from "vitest";
import { ClassificationCache } from "./classification-cache.ts";

function classified(text: string): Classified {
  return {
    kind: "classified",
    sha256: sha256Schema.parse(createHash("sha256").update(text).digest("hex")),
    sizeBytes: 1,
    format: "png",
    width: 1,
    height: 1,
    frames: 1,
    isDamaged: false,
    scores: [],
    members: [],
  };
}

test("what was used least recently goes first", () => {
  const cache = new ClassificationCache(2);
  const [a, b, c] = ["a", "b", "c"].map(classified) as [Classified, Classified, Classified];
  cache.remember(a);
  cache.remember(b);
  expect(cache.find(a.sha256)).toBe(a);
  cache.remember(c);
  expect(cache.find(b.sha256)).toBeNull();
  expect(cache.find(a.sha256)).toBe(a);
  expect(cache.find(c.sha256)).toBe(c);
});

test("a cache of no entries keeps nothing", () => {
  const cache = new ClassificationCache(0);
  const a = classified("a");
  cache.remember(a);
  expect(cache.find(a.sha256)).toBeNull();
});
