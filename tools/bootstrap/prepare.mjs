import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./environment.mjs";
import { mustRun } from "./run.mjs";

const modules = join(root, "node_modules");
const stamp = join(modules, ".sluice-install");

/** Installs the locked dependencies; does nothing when this lock file was installed here before. */
export async function installDependencies(env) {
  const digest = installDigest();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  await mustRun(
    "pnpm",
    [
      "install",
      "--frozen-lockfile",
      "--prefer-offline",
      "--config.trust-lockfile=true",
      "--reporter=append-only",
      "--loglevel=warn",
    ],
    { env, remedy: "the npm registry must be reachable the first time" },
  );
  linkCommand();
  writeFileSync(stamp, digest);
}

/** Builds every workspace package; turbo skips what has not changed. */
export async function build(env) {
  await mustRun(
    "pnpm",
    ["exec", "turbo", "run", "build", "--output-logs=errors-only", "--log-prefix=none"],
    {
      env: { ...env, TURBO_PRINT_VERSION_DISABLED: "1" },
      remedy: "the sources do not compile; see above",
    },
  );
}

function installDigest() {
  const hash = createHash("sha256").update(root);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"]) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** `npx sluice` looks into node_modules/.bin; a workspace root does not link its own command there. */
function linkCommand() {
  const link = join(modules, ".bin", "sluice");
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join("..", "..", "bin", "sluice.mjs"), link);
}
