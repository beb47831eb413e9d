import { expect, test } from "vitest";
import {
  chunkIdSchema,
  deriveChunkId,
  ensembleNameSchema,
  objectRefSchema,
  policyNameSchema,
  rootNameSchema,
  sourceNameSchema,
  type ChunkContent,
} from "./index.ts";

const content: ChunkContent = {
  source: sourceNameSchema.parse("uploads"),
  root: rootNameSchema.parse("incoming"),
  policy: policyNameSchema.parse("default"),
  ensemble: ensembleNameSchema.parse("default"),
  objects: [objectRefSchema.parse({ path: "a.jpg", version: "1-2-3-4", sizeBytes: 2 })],
};

test("the same content always gives the same chunk id", () => {
  expect(deriveChunkId({ ...content })).toBe(deriveChunkId(content));
  expect(chunkIdSchema.safeParse(deriveChunkId(content)).success).toBe(true);
});

test("another version, path, policy or ensemble gives another chunk id", () => {
  const object = (path: string, version: string) => [
    objectRefSchema.parse({ path, version, sizeBytes: 2 }),
  ];
  const ids = [
    content,
    { ...content, objects: object("a.jpg", "1-2-3-5") },
    { ...content, objects: object("b.jpg", "1-2-3-4") },
    { ...content, policy: policyNameSchema.parse("strict") },
    { ...content, ensemble: ensembleNameSchema.parse("large") },
  ].map(deriveChunkId);
  expect(new Set(ids).size).toBe(ids.length);
});
