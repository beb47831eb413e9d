import { createLogger } from "../logger.ts";
import { runApp } from "../run-app.ts";

/** A process for the tests of `runApp`: its argument says how it behaves. It prints "started" when it listens to signals. */
const behaviours: Record<string, (signal: AbortSignal) => Promise<void>> = {
  async untilStopped(signal) {
    await stopped(signal);
    process.stdout.write("stopped in peace\n");
  },
  async passesReasonOn(signal) {
    await stopped(signal);
    throw signal.reason;
  },
  async neverStops() {
    await new Promise(() => setInterval(() => undefined, 1000));
  },
  async forgetsTimer(signal) {
    setInterval(() => undefined, 1000);
    await stopped(signal);
  },
  async configuration() {
    throw Object.assign(new Error("worker.maxFrames: expected 1 or more"), EXPECTED, {
      exitCode: 78,
    });
  },
  async expected() {
    throw Object.assign(new Error("the vault is full"), EXPECTED);
  },
  async bug() {
    throw new TypeError("undefined is no function", { cause: new Error("deeper") });
  },
  async system() {
    throw Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" });
  },
  async floating(signal) {
    void Promise.reject(new Error("nobody waits for me"));
    await stopped(signal);
  },
  async logs() {
    const log = createLogger({
      app: "sample",
      level: "info",
      format: "json",
      bindings: { gpu: 0 },
    });
    const secret = { redisUrl: "redis://:hunter2@x", deep: { options: { password: "hunter2" } } };
    const err = Object.assign(new Error("no"), { code: "SAMPLE" });
    log.debug({ event: "sample.hidden" }, "Below the level.");
    log.warn({ event: "sample.happened", ...secret, err }, "It happened.");
    process.exit(0); // what was logged must be out by now
  },
  async logsPretty() {
    const log = createLogger({ app: "sample", level: "info", format: "pretty" });
    log.info({ event: "sample.happened" }, "Last words.");
    process.exit(0);
  },
};

async function stopped(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => undefined, 1000);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  clearInterval(alive);
}

const EXPECTED = { code: "SAMPLE", retryable: false };
const behaviour = behaviours[process.argv[2] ?? ""];
if (behaviour === undefined) throw new Error("unknown behaviour");
await runApp({
  name: "sample",
  main: async ({ signal }) => {
    const running = behaviour(signal);
    process.stdout.write("started\n");
    await running;
  },
});
