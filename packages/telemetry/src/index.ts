export { monitorEventLoop, type EventLoopMonitor } from "./event-loop-monitor.ts";
export {
  HealthPortError,
  startHealthServer,
  type HealthServer,
  type HealthServerOptions,
  type ReadinessReport,
} from "./health-server.ts";
export { RunFileError } from "./run-file.ts";
export { createLogger, type LoggerOptions } from "./logger.ts";
export { createMetrics, type Metrics } from "./metrics.ts";
export { reportError } from "./report-error.ts";
export { announceReady, runApp, StopError, type AppOptions } from "./run-app.ts";
export type { Logger } from "pino";
export type { Counter, Gauge, Histogram, Registry } from "prom-client";
