// Every check and test of the repository, one after the other; all run even when one fails.
// The last line is `N passed, N failed` (`, N skipped` may follow); each static check counts as one.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findServers } from "./find-servers.mjs";
import { runQuietly } from "./run-quietly.mjs";
import { runVitest } from "./run-vitest.mjs";

const STATIC_CHECKS = [
  [
    "build and types",
    "pnpm",
    ["exec", "turbo", "run", "build", "--output-logs=errors-only", "--log-prefix=none"],
  ],
  ["types of tests", "pnpm", ["exec", "tsc", "-p", "tsconfig.test.json"]],
  ["lint", "pnpm", ["run", "--silent", "lint"]],
  ["format", "pnpm", ["run", "--silent", "fmt"]],
];
const VITEST_PROJECTS = ["unit", "pipeline"];

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [name, command, args] of STATIC_CHECKS) {
  const isPassed = await runQuietly(name, command, args);
  counts[isPassed ? "passed" : "failed"] += 1;
}
const servers = await findServers(process.cwd());
if (servers.missing !== null) {
  console.log(`skipping ${servers.excluded.length} test files: ${servers.missing}`);
  counts.skipped += servers.excluded.length;
}
const reports = mkdtempSync(join(tmpdir(), "sluice-reports-"));
for (const project of VITEST_PROJECTS) {
  const result = await runVitest(project, {
    reports,
    filters: process.argv.slice(2),
    excluded: servers.excluded,
  });
  for (const kind of Object.keys(counts)) counts[kind] += result[kind];
}
rmSync(reports, { recursive: true, force: true });

const isSkipFatal = process.env.CI === "true" && counts.skipped > 0;
if (isSkipFatal)
  console.log(
    `CI=true: ${counts.skipped} skipped tests count as failures; see above for what is missing`,
  );
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = counts.failed > 0 || isSkipFatal ? 1 : 0;
