import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Runs one vitest project with its usual output and counts single tests from its JSON report. A run that
 * leaves no report, or that fails outside of a test (a file that does not load), counts as one failure more.
 */
export async function runVitest(project, { reports, filters, excluded }) {
  const file = join(reports, `${project}.json`);
  const code = await new Promise((resolve) => {
    const child = spawn(
      "pnpm",
      [
        "exec",
        "vitest",
        "run",
        "--project",
        project,
        "--passWithNoTests",
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${file}`,
        ...excluded.map((path) => `--exclude=${path}`),
        ...filters,
      ],
      { stdio: ["ignore", "inherit", "inherit"] },
    );
    child.on("error", () => resolve(1));
    child.on("close", (exitCode) => resolve(exitCode ?? 1));
  });
  const counts = readReport(file);
  if (code !== 0 && counts.failed === 0) counts.failed += 1;
  return counts;
}

function readReport(file) {
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    const brokenFiles = report.testResults.filter(
      (result) => result.status === "failed" && result.assertionResults.length === 0,
    ).length;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + brokenFiles,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch (error) {
    console.log(`no report of the tests: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
