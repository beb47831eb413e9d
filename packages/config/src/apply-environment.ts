import type { Origins } from "./describe-issues.ts";
import type { EnvironmentSettings } from "./read-env.ts";

/** The environment beats the file, setting by setting; says as well which variable set what. */
export function applyEnvironment(
  raw: unknown,
  settings: EnvironmentSettings,
): { merged: unknown; origins: Origins } {
  const changes = [
    ["redis", "url", settings.redisUrl?.url ?? null, settings.redisUrl?.variable ?? ""],
    ["log", "level", settings.logLevel, "SLUICE_LOG_LEVEL"],
    ["log", "format", settings.logFormat, "SLUICE_LOG_FORMAT"],
    ["http", "host", settings.httpHost, "SLUICE_HTTP_HOST"],
    ["worker", "devices", settings.workerDevices, "SLUICE_WORKER_DEVICES"],
    ["worker", "ensemble", settings.workerEnsemble, "SLUICE_WORKER_ENSEMBLE"],
  ] as const;
  const origins = new Map<string, string>();
  if (!isGroup(raw)) return { merged: raw, origins };
  const merged: Record<string, unknown> = { ...raw };
  for (const [section, name, value, variable] of changes) {
    if (value === null) continue;
    const group = merged[section] ?? {};
    if (!isGroup(group)) continue; // is told as the problem that it is
    merged[section] = { ...group, [name]: value };
    origins.set(`${section}.${name}`, variable);
  }
  return { merged, origins };
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
