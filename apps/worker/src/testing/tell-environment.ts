// Stands in for the engine: tells what it was started with.
const names = [
  "CUDA_DEVICE_ORDER",
  "CUDA_VISIBLE_DEVICES",
  "ORT_DISABLE_TELEMETRY",
  "UV_THREADPOOL_SIZE",
];
const env = Object.fromEntries(names.map((name) => [name, process.env[name]]));
process.send?.({ env, settings: JSON.parse(process.argv[2] ?? "{}") }, () => process.disconnect());
