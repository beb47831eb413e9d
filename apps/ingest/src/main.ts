import { loadConfig } from "@sluice/config";
import { runApp } from "@sluice/telemetry";
import { runIngest } from "./wire.ts";

await runApp({
  name: "ingest",
  main: async ({ signal }) =>
    await runIngest(await loadConfig({ env: process.env, cwd: process.cwd() }), signal),
});
