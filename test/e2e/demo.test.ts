import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSluice } from "../harness/run-sluice.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-demo-"));
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

test("the demo puts every sample upload where a careful administrator would want it", async () => {
  const { code, stdout, stderr } = await runSluice(["demo"], { cwd });
  expect(stderr).toMatch(/All \d+ uploads are where they should be/u);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok +funny\.gif .*target .* in frame 3/mu);
  expect(stdout).toMatch(/images\/s/u);
  expect(stdout).toMatch(/p50 \d+ ms, p99 \d+ ms/u);
  expect(stdout).not.toMatch(/^!!/mu);
});

test("a second demo replaces the first, and tells programs the same", async () => {
  const { code, stdout } = await runSluice(["demo", "--json"], { cwd });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    restoreProblems: [],
    uploads: expect.arrayContaining([
      expect.objectContaining({ path: "huge.png", decision: "review", problems: [] }),
    ]),
  });
});

test("a folder that holds something else is not emptied", async () => {
  const { code, stderr } = await runSluice(["demo", "--folder", "."], { cwd: import.meta.dirname });
  expect(code).toBe(2);
  expect(stderr).toMatch(/not empty and not from an earlier demo/u);
});
