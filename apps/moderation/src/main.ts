import { runApp } from "@sluice/telemetry";
import { runModeration } from "./wire.ts";

await runApp({
  name: "moderation",
  main: ({ signal }) => runModeration({ env: process.env, cwd: process.cwd(), signal }),
});
