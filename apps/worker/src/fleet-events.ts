import type { Logger, Metrics } from "@sluice/telemetry";

export type FleetEvents = ReturnType<typeof createFleetEvents>;

/** What happens to the engines as a whole. Listed in docs/events.md. */
export function createFleetEvents(log: Logger, metrics: Metrics) {
  const givenUp = metrics.gauge(
    "sluice_engines_given_up",
    "Engines that do not come up any more; above 0 the worker is degraded.",
  );
  givenUp.set(0);
  const wanting = metrics.gauge(
    "sluice_gpu_wanting",
    "1 when worker.devices is auto and the CPU is used because this machine shows no GPU.",
  );
  return {
    devicesChosen(event: { devices: readonly string[]; isCpuForWantOfGpu: boolean }) {
      const { devices, isCpuForWantOfGpu } = event;
      wanting.set(isCpuForWantOfGpu ? 1 : 0);
      if (isCpuForWantOfGpu) {
        log.warn(
          { event: "devices.chosen", devices },
          "worker.devices is auto and this machine shows no GPU (no nvidia-smi, no /proc/driver/nvidia): the CPU is used.",
        );
      } else {
        log.info({ event: "devices.chosen", devices }, "One engine is started per device.");
      }
    },
    engineGivenUp(event: { engine: string; remaining: number; err: unknown }) {
      givenUp.inc();
      log.error({ event: "engine.given_up", ...event }, remainingText(event.remaining));
    },
  };
}

function remainingText(remaining: number): string {
  return remaining === 0
    ? "The last engine does not come up any more; the worker ends."
    : "An engine does not come up any more; the others go on.";
}
