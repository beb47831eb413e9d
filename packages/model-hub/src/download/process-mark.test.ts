import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { readProcessMark } from "./process-mark.ts";

test("a process keeps its mark while it lives, and has none when it is gone", async () => {
  const mark = await readProcessMark(process.pid);
  expect(mark).not.toBeNull();
  expect(await readProcessMark(process.pid)).toBe(mark);
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  await once(child, "spawn");
  const pid = child.pid ?? 0;
  expect(await readProcessMark(pid)).not.toBeNull();
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(await readProcessMark(pid)).toBeNull();
});
