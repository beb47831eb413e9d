import { mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readAppStates } from "./app-state.ts";

/** A folder with the run file of one app. */
async function runDir(file: { pid: number; port: number }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-run-"));
  const content = { v: 1, name: "worker", host: "127.0.0.1", startedAtMs: 0, ...file };
  await writeFile(join(folder, "worker.json"), JSON.stringify(content));
  return folder;
}

async function serve(report: object): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((_, response) => response.end(JSON.stringify(report)));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}

/** Above the largest process id that Linux gives out. */
const NO_SUCH_PID = 2 ** 22 + 1;

test("an app that is not ready says what it lacks; what is in order is left out", async () => {
  await using server = await serve({ isReady: false, checks: { redis: "away", engine: "ok" } });
  const [state] = await readAppStates(await runDir({ pid: process.pid, port: server.port }));
  expect(state).toMatchObject({ condition: "not-ready", missing: { redis: "away" } });
});

test("an app that answers is ready, one whose port is silent is told apart by its process", async () => {
  await using server = await serve({ isReady: true, checks: { delayMs: "3" } });
  const { port } = server;
  const conditions = await Promise.all(
    [
      { pid: process.pid, port },
      { pid: process.pid, port: 9 },
      { pid: NO_SUCH_PID, port: 9 },
    ].map(async (file) => (await readAppStates(await runDir(file)))[0]?.condition),
  );
  expect(conditions).toEqual(["ready", "silent", "gone"]);
});

test("a folder that is not there, or holds something else, has no apps", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice-run-"));
  await writeFile(join(folder, "worker.json"), "{half");
  expect(await readAppStates(folder)).toEqual([]);
  expect(await readAppStates(join(folder, "nowhere"))).toEqual([]);
});
