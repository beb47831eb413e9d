import { loadConfig } from "@sluice/config";
import { runApp } from "@sluice/telemetry";
import { runWorker } from "./wire.ts";

await runApp({
  name: "worker",
  main: async ({ signal }) =>
    await runWorker(await loadConfig({ env: process.env, cwd: process.cwd() }), signal),
});
