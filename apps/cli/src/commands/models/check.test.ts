import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSluice } from "../../testing/run-sluice.ts";
import { writeTinyModel } from "../../testing/tiny-model.ts";

let parent = "";
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "sluice-check-"));
});
afterAll(async () => await rm(parent, { recursive: true }));

const check = async (...args: string[]) => await runSluice(["models", "check", ...args], parent);

test("a sound model passes with its answer and times", async () => {
  const { code, stdout, stderr } = await check(await writeTinyModel(parent));
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("no mistakes found");
  expect(stdout).toMatch(/time +[\d.]+ ms per picture alone, [\d.]+ ms in a batch of 8/u);
  expect(stdout).toMatch(/says +0\.\d{4} {2}(?:red|green|blue)/u);
});

test("an error fails with what is wrong and what to do", async () => {
  const folder = await writeTinyModel(parent, { onnx: { inputShape: ["n", 3, 8, 8] } });
  const { code, stdout, stderr } = await check(folder);
  expect(code).toBe(1);
  expect(stdout).toMatch(/error input-size: .*\n {2}→ use the preprocessor_config/u);
  expect(stderr).toContain("models check: 1 error");
});

test("a warning fails only with --strict", async () => {
  const config = { id2label: { 0: "LABEL_0", 1: "LABEL_1", 2: "LABEL_2" } };
  const folder = await writeTinyModel(parent, { config });
  expect((await check(folder)).code).toBe(0);
  const { code, stdout } = await check(folder, "--strict", "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    classes: 3,
    findings: [{ code: "labels-generic", severity: "warning" }],
  });
});

test("control characters in a stranger's labels do not reach the terminal", async () => {
  const config = { id2label: { 0: "\u001b[2Jred", 1: "\u001b[2Jgreen", 2: "\u001b[2Jblue" } };
  const { stdout } = await check(await writeTinyModel(parent, { config }));
  expect(stdout).toContain("\\u{1b}[2J");
  expect(stdout).not.toContain("\u001b");
});

test("a picture that is not there is a mistake of the command line, not of the model", async () => {
  const { code, stderr } = await check(await writeTinyModel(parent), "--picture", "nowhere.jpg");
  expect(code).toBe(78);
  expect(stderr).toContain("nowhere.jpg");
});
