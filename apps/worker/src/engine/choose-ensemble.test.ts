import { ConfigError, type EnsembleConfig, type SluiceConfig } from "@sluice/config";
import { ensembleNameSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { chooseEnsemble } from "./choose-ensemble.ts";

function choose(names: readonly string[], wanted: string | null): string {
  const ensembles = new Map(
    names.map((name) => [ensembleNameSchema.parse(name), {} as EnsembleConfig]),
  );
  const ensemble = wanted === null ? null : ensembleNameSchema.parse(wanted);
  const worker = { ensemble } as SluiceConfig["worker"];
  return chooseEnsemble({ ensembles, worker })[0];
}

test("a worker runs the ensemble that it was told, or the only one, and never guesses", () => {
  expect(choose(["fast"], null)).toBe("fast");
  expect(choose(["fast", "strict"], "strict")).toBe("strict");
  expect(() => choose(["fast", "strict"], null)).toThrow(ConfigError);
  expect(() => choose(["fast", "strict"], null)).toThrow(/several \(fast, strict\); name one/u);
});
