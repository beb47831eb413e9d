import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CliError } from "../cli-error.ts";

/**
 * Built entry point of another app, found from this file's own place: `apps/cli/{src,dist}/stack` stands
 * beside `apps/<app>/dist`. Always the build, never the sources: what is tested is what people run.
 * Throws CliError (NOT_BUILT) when it is absent.
 */
export function builtAppEntry(app: string, file = "main.js"): string {
  const path = fileURLToPath(new URL(`../../../${app}/dist/${file}`, import.meta.url));
  if (existsSync(path)) return path;
  throw new CliError(
    "NOT_BUILT",
    `the app ${app} is not built: expected ${path}; build everything with: node tools/bootstrap.mjs setup`,
  );
}
