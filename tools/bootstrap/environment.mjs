import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** Settings that `npm run` exports and that a nested package manager must not inherit, except how to reach the network. */
const KEPT = /^npm_config_(?:registry|cafile|proxy|https_proxy|noproxy)$/iu;

/**
 * The environment of everything that is started from here: the pinned tools first on the PATH, nobody's
 * telemetry, none of npm's own variables.
 */
export function childEnvironment(toolFolders) {
  const kept = Object.entries(process.env).filter(
    ([key]) => !/^npm_/iu.test(key) || KEPT.test(key),
  );
  return {
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
    ...Object.fromEntries(kept),
    ORT_DISABLE_TELEMETRY: "1",
    PATH: [...toolFolders, process.env.PATH ?? ""].join(delimiter),
  };
}
