import { listArchitectures } from "@sluice/models";
import { expect, test } from "vitest";
import { CliError } from "../cli-error.ts";
import { measureEach } from "./measure-each.ts";

const chosen = listArchitectures().slice(0, 4);
const names = chosen.map(({ name }) => name);

async function play(failures: Readonly<Record<number, Error>>) {
  const said: string[] = [];
  const { figures, error } = await measureEach(chosen, {
    measure: async (facts) => {
      const failure = failures[names.indexOf(facts.name)];
      if (failure !== undefined) throw failure;
      const figure = { ...facts, sizeBytes: 1, loadMs: 1, memoryBytes: 1, batches: [] };
      return await Promise.resolve(figure);
    },
    tell: () => undefined,
    say: (problem) => said.push(problem),
  });
  return { measured: figures.map(({ name }) => name), error, said };
}

test("an architecture that cannot be measured costs only itself, and the end says so", async () => {
  const { measured, error, said } = await play({ 1: new CliError("BENCH_FAILED", "no memory") });
  expect(measured).toEqual(names.filter((_, i) => i !== 1));
  expect(said).toEqual(["no memory"]);
  expect(error).toMatchObject({ code: "BENCH_FAILED", exitCode: 1 });
});

test("a stop keeps what was measured until then", async () => {
  const stop = new CliError("INTERRUPTED", "stopped by SIGINT");
  expect(await play({ 2: stop })).toEqual({ measured: names.slice(0, 2), error: stop, said: [] });
});

test("all of them measured is no error", async () => {
  expect(await play({})).toEqual({ measured: names, error: null, said: [] });
});
