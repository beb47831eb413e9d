// The one way in on a bare machine: fetches the pinned Node.js and pnpm, installs, builds, then runs a task.
// Plain JavaScript for Node.js 18 and later; see tools/bootstrap/ for the parts.
import { join } from "node:path";
import { build, installDependencies } from "./bootstrap/prepare.mjs";
import { childEnvironment, root } from "./bootstrap/environment.mjs";
import { run } from "./bootstrap/run.mjs";
import { findToolchain } from "./bootstrap/toolchain.mjs";

const USAGE = `usage: node tools/bootstrap.mjs <task> [arguments]
  setup   install the toolchain and the dependencies, and build
  demo    set up, then run the demo
  start   set up, then run Sluice until it is stopped
  test    set up, then run every check and test
  sluice  set up, then run the sluice command with the arguments`;

const [task, ...args] = process.argv.slice(2);
const cli = join(root, "apps", "cli", "dist", "main.js");
const tasks = {
  setup: async () => 0,
  demo: async (env) => await run("node", [cli, "demo", ...args], { env }),
  start: async (env) => await run("node", [cli, "start", ...args], { env }),
  sluice: async (env) => await run("node", [cli, ...args], { env }),
  test: async (env) =>
    await run("node", [join(root, "tools", "test", "run-all.mjs"), ...args], { env }),
};

if (task === undefined || !Object.hasOwn(tasks, task)) {
  console.error(USAGE);
  process.exit(2);
}
try {
  const env = childEnvironment(await findToolchain());
  await installDependencies(env);
  // The tests build by themselves, so that a type error is one of their findings.
  if (task !== "test") await build(env);
  process.exitCode = await tasks[task](env);
} catch (error) {
  console.error(`[bootstrap] ${error.message}`);
  process.exitCode = error.exitCode ?? 1;
}
