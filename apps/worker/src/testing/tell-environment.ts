// Stands in for the engine: tells what it was started with.
import { readFileSync } from "node:fs";

const names = [
  "CUDA_DEVICE_ORDER",
  "CUDA_VISIBLE_DEVICES",
  "ORT_DISABLE_TELEMETRY",
  "UV_THREADPOOL_SIZE",
];
const env = Object.fromEntries(names.map((name) => [name, process.env[name]]));
// The cores that it may run on.
const status = readFileSync("/proc/self/status", "utf8");
const cpus = /^Cpus_allowed_list:\s+(\S+)$/mu.exec(status)?.[1];
process.send?.({ env, cpus, settings: JSON.parse(process.argv[2] ?? "{}") }, () =>
  process.disconnect(),
);
