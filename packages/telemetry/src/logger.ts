import { pino, type Logger } from "pino";
import pretty from "pino-pretty";

export interface LoggerOptions {
  /** Name of the process in every line: ingest, worker, moderation, cli. */
  readonly app: string;
  readonly level: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
  /** auto: pretty on a terminal, JSON otherwise. */
  readonly format: "auto" | "json" | "pretty";
  /** Bound once to every line; never from outside data. */
  readonly bindings?: Readonly<Record<string, string | number>>;
}

/** Keys that hold credentials are blanked, at the top of a line and up to two levels below. */
const SECRET_KEYS = ["password", "redisUrl", "url", "secret", "token", "authorization", "apiKey"];

/**
 * A structured logger: `log.info({ event: "noun.past_verb", … }, "Sentence.")`. Writes to standard output, each line before the
 * call returns, so that the last lines before a crash are there.
 */
export function createLogger(options: LoggerOptions): Logger {
  const isPretty =
    options.format === "pretty" || (options.format === "auto" && process.stdout.isTTY);
  return pino(
    {
      level: options.level,
      base: { app: options.app, pid: process.pid, ...options.bindings },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
        censor: "[redacted]",
      },
    },
    isPretty
      ? pretty({
          colorize: process.stdout.isTTY,
          ignore: "pid,app",
          messageFormat: "{app}: {msg}",
          sync: true,
        })
      : pino.destination({ fd: 1, sync: true }),
  );
}
