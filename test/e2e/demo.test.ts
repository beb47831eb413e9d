import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runSluice } from "../harness/run-sluice.ts";

test("the demo puts every sample upload where a careful administrator would want it, twice in a row", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "sluice-demo-"));
  try {
    for (const time of ["first", "second"]) {
      const { code, stdout, stderr } = await runSluice(["demo"], { cwd });
      expect(`${time} exit code ${code}\n${stderr}`).toMatch(/exit code 0/u);
      expect(stdout).toMatch(/^ok +funny\.gif .*target .* in frame 3/mu);
      expect(stdout).toMatch(/images\/s/u);
      expect(stdout).toMatch(/p50 \d+ ms, p99 \d+ ms/u);
      expect(stdout).not.toMatch(/^!!/mu);
    }
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
});

test("a folder that holds something else is not emptied", async () => {
  const { code, stderr } = await runSluice(["demo", "--folder", "."], { cwd: import.meta.dirname });
  expect(code).toBe(2);
  expect(stderr).toMatch(/not empty and not from an earlier demo/u);
});
