import { defineConfig } from "vitest/config";

// Tests run on the sources of every workspace package (the "@sluice/source" export condition), with no build.
export default defineConfig({
  ssr: { resolve: { conditions: ["@sluice/source", "node", "import"] } },
  test: {
    env: { ORT_DISABLE_TELEMETRY: "1" },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          testTimeout: 30_000, // a limit for hung tests, wide enough for a busy machine
          include: [
            "{apps,packages}/*/src/**/*.test.ts",
            "infra/demo-models/src/**/*.test.ts",
            "test/{interop,repository}/**/*.test.ts",
          ],
        },
      },
      {
        extends: true,
        test: {
          name: "pipeline",
          include: ["test/{e2e,faults}/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
