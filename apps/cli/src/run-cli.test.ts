import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runSluice as sluice } from "./testing/run-sluice.ts";

describe("a wrong command line exits with 2 and says what was meant", () => {
  test.each([
    [["strat"], /unknown command 'strat'\n\(Did you mean start\?\)/u],
    [["status", "--jsn"], /unknown option '--jsn'\n\(Did you mean --json\?\)/u],
    [["restore"], /missing required argument 'id'/u],
    [["decisions", "--decision", "maybe"], /Allowed choices are allow, review, quarantine, gone/u],
    [
      ["models", "build", "resnet18", "--out", "x"],
      /expected --weights <file>; `sluice models pull/u,
    ],
    [["status", "now"], /too many arguments/u],
  ])("%j", async (args, message) => {
    const { code, stdout, stderr } = await sluice(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  test("no command at all prints the help", async () => {
    const { code, stderr } = await sluice([]);
    expect(code).toBe(2);
    expect(stderr).toContain("Exit codes:");
  });
});

test("asking for help or the version succeeds", async () => {
  expect((await sluice(["--help"])).code).toBe(0);
  expect((await sluice(["quarantine", "list", "--help"])).code).toBe(0);
  expect(await sluice(["--version"])).toMatchObject({ code: 0, stdout: "0.1.0\n" });
});

test("a configuration that cannot be used exits with 78 and without a stack trace", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "sluice-cli-"));
  await writeFile(join(cwd, "sluice.yaml"), "version: 1\nrootz: {}\n");
  const { code, stderr } = await sluice(["status"], cwd);
  expect(code).toBe(78);
  expect(stderr).toMatch(/rootz: unknown setting; did you mean "roots"/u);
  expect(stderr).not.toMatch(/^ {4}at /mu);
});

test("a configuration file that is named and not there is an error, not the built-in default", async () => {
  const { code, stderr } = await sluice(["status", "--config", "elsewhere.yaml"]);
  expect(code).toBe(78);
  expect(stderr).toContain("elsewhere.yaml");
});

test("status of a folder where nothing ever ran succeeds, for people and as JSON", async () => {
  const { code, stdout } = await sluice(["status"]);
  expect(code).toBe(0);
  expect(stdout).toContain("nothing is running");
  const json = await sluice(["status", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ apps: [], records: null, queues: [] });
});

test("decisions of a folder where nothing ever ran say so", async () => {
  const { code, stderr } = await sluice(["decisions"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/there are no decisions yet/u);
});

test("models list prints the same architectures for people and as JSON", async () => {
  const text = (await sluice(["models", "list"])).stdout;
  const json: unknown = JSON.parse((await sluice(["models", "list", "--json"])).stdout);
  expect(json).toContainEqual(expect.objectContaining({ name: "resnet50", inputSize: 224 }));
  expect(text).toMatch(/^resnet50 +25\.6 M/mu);
});
