#!/usr/bin/env node
// The sluice command from a checkout: finds the pinned Node.js and runs apps/cli with it, whatever Node.js the shell has.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(realpathSync(fileURLToPath(import.meta.url))), "..");
const cli = join(root, "apps", "cli", "dist", "main.js");

const node = await findNode();
if (node === null || !existsSync(cli)) {
  console.error(
    "sluice is not set up in this checkout yet: run `npm run demo`, or `node tools/bootstrap.mjs setup`",
  );
  process.exit(69);
}
const child = spawn(node, [cli, ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, ORT_DISABLE_TELEMETRY: "1" },
});
process.on("SIGTERM", () => child.kill("SIGTERM"));
process.on("SIGINT", () => undefined); // the terminal tells the whole group; wait for the child
child.on("error", (error) => {
  console.error(`sluice: cannot run ${node}: ${error.message}`);
  process.exitCode = 70;
});
child.on("exit", (code, signal) => {
  process.exitCode = code ?? (signal === "SIGTERM" ? 143 : signal === "SIGINT" ? 130 : 137);
});

async function findNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 24 || (major === 24 && minor >= 11)) return process.execPath;
  const { lockDigest } = await import("../tools/bootstrap/toolchain.mjs");
  const platform = `${process.platform}-${process.arch}`;
  const pinned = join(
    root,
    ".tooling",
    lockDigest(),
    "node_modules",
    `node-${platform}`,
    "bin",
    "node",
  );
  return existsSync(pinned) ? pinned : null;
}
