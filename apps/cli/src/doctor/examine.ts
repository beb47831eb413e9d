import type { SluiceConfig } from "@sluice/config";
import { listCpuNodes, listGpus } from "@sluice/inference-onnx";
import { checkBuckets } from "./checks/check-buckets.ts";
import { checkDevices, readDriverVersion } from "./checks/check-devices.ts";
import { checkPlaces } from "./checks/check-places.ts";
import { checkRedis } from "./checks/check-redis.ts";
import { checkRuntime } from "./checks/check-runtime.ts";
import { checkSystem, readSystemFacts } from "./checks/check-system.ts";
import { findLoaderPlaces } from "./elf/loader.ts";
import { broken, ok, type Finding } from "./finding.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Looks at everything that Sluice needs on this machine. Never rejects for what it finds.
 *
 * @param load reads the configuration; what it throws becomes a finding, and then only the machine is looked at
 */
export async function examine(
  load: () => Promise<SluiceConfig>,
  env: Environment,
): Promise<readonly Finding[]> {
  const runtime = await checkRuntime();
  const findings = [...checkSystem(await readSystemFacts()), runtime.finding];
  const config = await load().catch((error: unknown) => describeProblem(error));
  if ("state" in config) return [...findings, config];
  findings.push(
    ok("configuration", config.configPath ?? "built-in, as there is no sluice.yaml"),
    ...(await checkRedis(config, env)),
    ...(await checkPlaces(config)),
    ...(await checkBuckets(config)),
  );
  if (runtime.facts === null) return findings;
  const surroundings = {
    inventory: await listGpus(),
    cpu: await listCpuNodes(),
    runtime: runtime.facts,
    places: await findLoaderPlaces(env["LD_LIBRARY_PATH"]),
    outer: env["CUDA_VISIBLE_DEVICES"],
    driverVersion: await readDriverVersion(),
  };
  return [...findings, ...(await checkDevices(config.worker.devices, surroundings))];
}

function describeProblem(error: unknown): Finding {
  const message = error instanceof Error ? error.message : String(error);
  return broken(
    "configuration",
    message,
    "correct what is named; docs/configuration.md has every setting",
  );
}
