import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CliError } from "../cli-error.ts";
import type { AppExit } from "./app-process.ts";
import { SILENT_EVENTS } from "./stack-events.ts";
import { SupervisedApp } from "./supervised-app.ts";

const READY = `process.on("SIGTERM", () => process.exit(0)); process.send({ type: "ready", port: 4711 });`;

/** An app made of one script, and what was said about it; `readyTimes(n)` waits for its n-th life. */
async function supervise(script: string, stopGraceMs = 10_000) {
  const folder = await mkdtemp(join(tmpdir(), "sluice-app-"));
  const entry = join(folder, "main.mjs");
  await writeFile(entry, `setInterval(() => undefined, 60_000);\n${script}`);
  const pids: number[] = [];
  const ends: { exit: AppExit; restartInMs: number }[] = [];
  const waiters: (() => void)[] = [];
  const failure = Promise.withResolvers<CliError>();
  const app = new SupervisedApp({
    command: {
      name: "test",
      entry,
      env: { ...process.env, FOLDER: folder },
      cwd: folder,
      output: { stdout: "inherit", stderr: "inherit" },
    },
    limits: { firstDelayMs: 5, maxDelayMs: 20, steadyAfterMs: 60_000 },
    startTimeoutMs: 20_000,
    stopGraceMs,
    onFailure: failure.resolve,
    events: {
      ...SILENT_EVENTS,
      appReady({ pid }) {
        pids.push(pid);
        for (const wake of waiters.splice(0)) wake();
      },
      appEnded: ({ exit, restartInMs }) => ends.push({ exit, restartInMs }),
    },
  });
  const readyTimes = async (count: number): Promise<void> => {
    while (pids.length < count) await new Promise<void>((resolve) => waiters.push(resolve));
  };
  return { app, folder, pids, ends, readyTimes, failure: failure.promise };
}

test("an app is started when it says so, and tells where it answers", async () => {
  const { app } = await supervise(READY);
  await using _ = app;
  expect(await app.start()).toBe(4711);
});

test("a killed app is started again, at growing intervals", async () => {
  const { app, pids, ends, readyTimes } = await supervise(READY);
  await using _ = app;
  await app.start();
  for (const life of [1, 2, 3]) {
    process.kill(pids.at(-1)!, "SIGKILL");
    await readyTimes(life + 1);
  }
  expect(new Set(pids).size).toBe(4);
  expect(ends.map(({ restartInMs }) => restartInMs)).toEqual([5, 10, 20]);
});

test("an app that ends before it is ready is not started again; its exit code is handed on", async () => {
  const { app, pids } = await supervise("process.exit(69);");
  await using _ = app;
  await expect(app.start()).rejects.toMatchObject({ code: "APP_NOT_STARTED", exitCode: 69 });
  expect(pids).toEqual([]);
});

test("an app whose configuration is refused in a later life ends the supervision", async () => {
  const { app, pids, failure } = await supervise(
    `import { existsSync, writeFileSync } from "node:fs";
     const mark = process.env.FOLDER + "/lived";
     if (existsSync(mark)) process.exit(78);
     writeFileSync(mark, "");
     ${READY}`,
  );
  await using _ = app;
  await app.start();
  process.kill(pids[0]!, "SIGKILL");
  await expect(failure).resolves.toMatchObject({ exitCode: 78 });
});

test("stopping waits until the app has finished what it does", async () => {
  const { app, folder } = await supervise(
    `import { writeFileSync } from "node:fs";
     process.on("SIGTERM", () => setTimeout(() => {
       writeFileSync(process.env.FOLDER + "/drained", "yes");
       process.exit(0);
     }, 50));
     process.send({ type: "ready", port: 1 });`,
  );
  await app.start();
  await app.stop();
  expect(await readFile(join(folder, "drained"), "utf8")).toBe("yes");
});

test("an app that does not stop within its grace period is killed", async () => {
  const { app, pids } = await supervise(
    `process.on("SIGTERM", () => undefined); process.send({ type: "ready", port: 1 });`,
    50,
  );
  await app.start();
  await app.stop();
  expect(() => process.kill(pids[0]!, 0)).toThrow(/ESRCH/u);
});

test("stopping twice, and before the start, is harmless", async () => {
  const { app } = await supervise(READY);
  await app.stop();
  await app.stop();
  await expect(app.start()).rejects.toMatchObject({ code: "STOPPED" });
});
