import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 30_000 }); // each test starts a process

const script = join(import.meta.dirname, "testing", "sample-app.ts");

interface Ending {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the sample process, sends it signals one after the other as soon as it runs, and tells how it ended. */
async function run(behaviour: string, ...signals: NodeJS.Signals[]): Promise<Ending> {
  const child = spawn(process.execPath, ["--no-warnings", script, behaviour], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "exit");
  const output = [text(child.stdout), text(child.stderr)];
  if (signals.length > 0) await once(child.stdout, "data");
  for (const signal of signals) {
    child.kill(signal);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [code, signal] = await exit;
  const [stdout = "", stderr = ""] = await Promise.all(output);
  return { code, signal, stdout, stderr };
}

describe("a process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("ends in peace on %s, with 0", async (signal) => {
    expect(await run("untilStopped", signal)).toEqual({
      code: 0,
      signal: null,
      stdout: "started\nstopped in peace\n",
      stderr: "",
    });
  });

  test("ends with 0 also when main passes on the reason of the stop", async () => {
    expect(await run("passesReasonOn", "SIGTERM")).toMatchObject({ code: 0, stderr: "" });
  });

  test("ends at once on the second signal", async () => {
    expect(await run("neverStops", "SIGINT", "SIGTERM")).toMatchObject({
      code: expect.toBeOneOf([130, 143]),
    });
  });

  test("ends although something forgotten keeps the event loop alive", async () => {
    expect(await run("forgetsTimer", "SIGTERM")).toMatchObject({ code: 0, stderr: "" });
  });

  test("tells an expected error in one line and with its exit code", async () => {
    expect(await run("configuration")).toMatchObject({
      code: 78,
      stderr: "sample: worker.maxFrames: expected 1 or more\n",
    });
  });

  test("ends with 1 for an expected error that names no exit code", async () => {
    expect(await run("expected")).toMatchObject({ code: 1, stderr: "sample: the vault is full\n" });
  });

  test.each([
    ["bug", /TypeError: undefined is no function\n\s+at [\s\S]*caused by: Error: deeper/u],
    ["system", /ENOENT: no such file\n\s+at /u],
    ["floating", /nobody waits for me\n\s+at /u],
  ])("tells a bug with its stack and ends with 70: %s", async (behaviour, expected) => {
    const { code, stderr } = await run(behaviour);
    expect(code).toBe(70);
    expect(stderr).toMatch(/^sample: unexpected error, please report it: /u);
    expect(stderr).toMatch(expected);
  });
});

describe("a log line", () => {
  test("is JSON with level, app, bindings, event and the error's code, and without credentials", async () => {
    const { stdout } = await run("logs");
    const [line, ...rest] = stdout.replace("started\n", "").trimEnd().split("\n");
    expect(rest).toEqual([]);
    expect(stdout).not.toMatch(/hunter2/u);
    expect(JSON.parse(line ?? "")).toMatchObject({
      level: "warn",
      app: "sample",
      gpu: 0,
      event: "sample.happened",
      msg: "It happened.",
      redisUrl: "[redacted]",
      deep: { options: { password: "[redacted]" } },
      err: { code: "SAMPLE", message: "no", stack: expect.any(String) },
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u),
    });
  });

  test("is out before the call returns, also when it is pretty", async () => {
    const { stdout } = await run("logsPretty");
    expect(stdout).toMatch(/sample: Last words\.\n\s+event: "sample\.happened"/u);
  });
});
