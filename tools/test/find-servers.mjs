import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const NEEDS_REDIS = /TestRedis|local-redis|RunningSite|IngestSite|RunningStack|run-sluice/u;

/**
 * Makes sure that the servers that tests need are here: found, or installed where that is possible without
 * asking. Returns the test files that must be left out, with one line that says what is missing and how to get it.
 */
export async function findServers(root) {
  const { findOrInstallRedis } = await import(
    pathToFileURL(join(root, "packages", "local-redis", "dist", "index.js")).href
  );
  try {
    await findOrInstallRedis({ env: process.env, onInstall: (message) => console.log(message) });
    return { missing: null, excluded: [] };
  } catch (error) {
    return { missing: error.message, excluded: testsThatNeedRedis(root) };
  }
}

function testsThatNeedRedis(root) {
  const files = [
    ...globSync("{apps,packages}/*/src/**/*.test.ts", { cwd: root }),
    ...globSync("test/{e2e,faults}/**/*.test.ts", { cwd: root }),
  ];
  return files.filter((file) => NEEDS_REDIS.test(readFileSync(join(root, file), "utf8")));
}
