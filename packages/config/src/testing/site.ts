import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { ConfigError } from "../config-error.ts";
import { loadConfig } from "../load-config.ts";
import type { SluiceConfig } from "../sluice-config.ts";

export type Settings = Record<string, unknown>;

export const UPLOADS = { name: "uploads", kind: "folder", root: "uploads" };
export const GATE = {
  mode: "gate",
  publishTo: "published",
  forbidden: [{ label: "x", quarantine: 0.5 }],
};

/** The least that a site has to say: a gate from `in` to `out`. */
export function site(change: Settings = {}): Settings {
  return {
    version: 1,
    roots: { uploads: { folder: "in" }, published: { folder: "out" } },
    sources: [UPLOADS],
    ensembles: { default: { members: [{ model: "models/a" }] } },
    policies: { default: GATE },
    ...change,
  };
}

/** Loads the settings (or the text) as `sluice.yaml` of a folder of its own. */
export async function load(
  settings: Settings | string,
  env: Record<string, string> = {},
): Promise<{ cwd: string; config: SluiceConfig }> {
  const cwd = await mkdtemp(join(tmpdir(), "sluice-config-"));
  const text = typeof settings === "string" ? settings : stringify(settings);
  await writeFile(join(cwd, "sluice.yaml"), text);
  return { cwd, config: await loadConfig({ env, cwd }) };
}

/** What is said about settings that cannot be used. */
export async function problemsOf(
  settings: Settings | string,
  env: Record<string, string> = {},
): Promise<readonly string[]> {
  try {
    await load(settings, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error("expected a ConfigError");
}
