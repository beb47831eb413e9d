import { ensembleInfoSchema, objectRefSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { EnsembleNotHereError } from "./errors.ts";
import { handleChunk } from "./handle-chunk.ts";
import { makeChunk } from "./testing/worker-site.ts";

test("a chunk that came the wrong way is not classified with another ensemble", async () => {
  const ensemble = ensembleInfoSchema.parse({
    v: 1,
    name: "default",
    digest: "e".repeat(64),
    labels: ["fish"],
    scoreFloor: 0,
    members: [{ model: "m", digest: "d".repeat(64), weight: 1 }],
  });
  const parts = {
    ensemble,
    workerId: "test",
    dispatcher: { classify: async () => await Promise.reject(new Error("not to be asked")) },
    events: { chunkTaken: () => undefined, chunkClassified: () => undefined },
  };
  const object = objectRefSchema.parse({ path: "a.jpg", version: "1-2-3-4", sizeBytes: 5 });
  const context = { signal: new AbortController().signal, isSuspect: false, stalledCount: 0 };
  await expect(handleChunk(parts, makeChunk([object], "another"), context)).rejects.toBeInstanceOf(
    EnsembleNotHereError,
  );
});
