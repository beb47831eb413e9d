import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { SluiceConfig } from "@sluice/config";
import { AgreedEnsemble } from "./agreed-ensemble.ts";
import type { PinnedDevice } from "./choose-devices.ts";
import type { EngineEvents } from "./engine-events.ts";
import { EngineProcess } from "./engine-process.ts";
import { shareCores } from "./share-cores.ts";

/** Generous: large models are derived, loaded and warmed up in it. */
const ENGINE_START_TIMEOUT_MS = 15 * 60_000;
const MAX_ENGINE_START_ATTEMPTS = 5;

/** One engine per device; none is started yet. */
export function createEngines(
  { worker }: SluiceConfig,
  { devices, events }: { devices: readonly PinnedDevice[]; events: EngineEvents },
): readonly EngineProcess[] {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const module = fileURLToPath(new URL(`./engine/main.${extension}`, import.meta.url));
  const agreed = new AgreedEnsemble();
  const kinds = new Set(devices.map(({ provider, hardware }) => `${provider} ${hardware}`));
  return devices.map((device, engine) => {
    const { provider, hardware } = device;
    const deviceName = provider === "cpu" ? null : hardware;
    const shares = shareCores(worker, coresFor(device, devices));
    return new EngineProcess({
      engine,
      device,
      module,
      execArgv: process.execArgv,
      settings: { provider, deviceName, hasMixedDevices: kinds.size > 1, ...shares },
      watchdogMs: worker.watchdogMs,
      startTimeoutMs: ENGINE_START_TIMEOUT_MS,
      maxStartAttempts: MAX_ENGINE_START_ATTEMPTS,
      agreed,
      events,
    });
  });
}

/** What it has to share, and with how many: a bound engine with those on the same cores, any other with all. */
function coresFor(
  { name, provider, cpus }: PinnedDevice,
  devices: readonly PinnedDevice[],
): Parameters<typeof shareCores>[1] {
  const isCpu = provider === "cpu";
  if (cpus !== null) {
    const engines = devices.filter((other) => other.name === name).length;
    return { cores: cpus.length, engines, cpuEngines: engines, isCpu, isBound: true };
  }
  return {
    cores: availableParallelism(),
    engines: devices.length,
    cpuEngines: devices.filter((other) => other.provider === "cpu").length,
    isCpu,
    isBound: false,
  };
}
