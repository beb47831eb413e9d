import type { SluiceConfig } from "@sluice/config";
import { expect, test } from "vitest";
import { listStackApps } from "./app-name.ts";

function list(ensembles: readonly string[], used: readonly string[], chosen: string | null) {
  const config = {
    ensembles: new Map(ensembles.map((name) => [name, {}])),
    sources: used.map((ensemble) => ({ ensemble })),
    worker: { id: "host", ensemble: chosen },
  } as unknown as SluiceConfig;
  return listStackApps(config).map(({ name, env }) => [name, env]);
}

test("one ensemble needs three processes, each further one a worker of its own with a name of its own", () => {
  const one = [
    ["moderation", {}],
    ["worker", {}],
    ["ingest", {}],
  ];
  expect(list(["default"], ["default", "default"], null)).toEqual(one);
  expect(list(["fast", "strict", "unused"], ["strict", "fast"], null)).toEqual([
    ["moderation", {}],
    ["worker-fast", { SLUICE_WORKER_ENSEMBLE: "fast", SLUICE_WORKER_ID: "host-fast" }],
    ["worker-strict", { SLUICE_WORKER_ENSEMBLE: "strict", SLUICE_WORKER_ID: "host-strict" }],
    ["ingest", {}],
  ]);
  expect(list(["fast", "strict"], ["fast", "strict"], "fast")).toEqual([
    ["moderation", {}],
    ["worker-fast", {}],
    ["ingest", {}],
  ]);
});
