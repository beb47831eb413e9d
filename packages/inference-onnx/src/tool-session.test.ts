import { mkdtemp, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ModelLoadError } from "./errors.ts";
import { encodeTinyGraph } from "./testing/tiny-graph.ts";
import { openToolSession } from "./tool-session.ts";

test("a graph gives its float outputs by name, with their shapes", async () => {
  await using session = await openToolSession(encodeTinyGraph({ factors: [1, 0.5] }));
  const pixels = new Uint8Array(2 * 4 * 4 * 3).fill(255, 4 * 4 * 3);
  const outputs = await session.run({ data: pixels, shape: [2, 4, 4, 3] });
  const { data, shape } = outputs.get("probabilities")!;
  expect(shape).toEqual([2, 2]);
  expect([...data].map((value) => Math.round(value * 1000) / 1000)).toEqual([0, 0, 1, 0.5]);
});

test("the graph that really runs can be looked at", async () => {
  const path = join(await mkdtemp(join(tmpdir(), "sluice-")), "optimized.onnx");
  const graph = encodeTinyGraph({ factors: [1] });
  await using session = await openToolSession(graph, { optimizedGraphPath: path });
  expect(session.outputNames).toEqual(["probabilities"]);
  expect((await stat(path)).size).toBeGreaterThan(0);
});

test("what is no graph is refused by name", async () => {
  await expect(openToolSession(Buffer.from("no graph"))).rejects.toThrow(ModelLoadError);
  await expect(openToolSession("/nowhere/model.onnx")).rejects.toThrow(/\/nowhere\/model\.onnx/u);
});
