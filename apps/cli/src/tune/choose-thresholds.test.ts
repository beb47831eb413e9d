import { ensembleNameSchema, policyNameSchema } from "@sluice/contracts";
import type { SluiceConfig } from "@sluice/config";
import { policySchema } from "@sluice/policy";
import { expect, test } from "vitest";
import { chooseThresholds } from "./choose-thresholds.ts";

const night = ensembleNameSchema.parse("night");
const day = ensembleNameSchema.parse("day");
const [strict, lax] = [policyNameSchema.parse("strict"), policyNameSchema.parse("lax")];
const policy = (...forbidden: object[]) => policySchema.parse({ mode: "sweep", forbidden });
const config = {
  policies: new Map([
    [strict, policy({ label: "nsfw", quarantine: 0.8, review: 0.4 }, { classId: 1, review: 0.3 })],
    [lax, policy({ label: "nsfw", quarantine: 0.9 }, { label: "elsewhere", review: 0.1 })],
  ]),
  sources: [
    { policy: strict, ensemble: night },
    { policy: lax, ensemble: day },
    { policy: strict, ensemble: night },
  ],
} as unknown as SluiceConfig;
const labels = ["nsfw", "gore", "safe"];
const plain = (thresholds: ReturnType<typeof chooseThresholds>): (string | number)[][] =>
  thresholds.map(({ classId, label, threshold }) => [classId, label, threshold]);

test("thresholds are those of the policies whose sources use the ensemble, each once, by label or class id", () => {
  const chosen = chooseThresholds({ named: [], config, ensemble: night, labels });
  expect(plain(chosen)).toEqual([
    [0, "nsfw", 0.8],
    [0, "nsfw", 0.4],
    [1, "gore", 0.3],
  ]);
});

test("for an ensemble of a file of its own they are those of all policies, as far as it knows their labels", () => {
  const chosen = chooseThresholds({ named: [], config, ensemble: null, labels });
  expect(plain(chosen).map(([, label, threshold]) => `${label} ${threshold}`)).toEqual([
    "nsfw 0.8",
    "nsfw 0.4",
    "gore 0.3",
    "nsfw 0.9",
  ]);
});

test("those that are named count alone", () => {
  const named = [{ label: "gore", threshold: 0.7 }];
  expect(plain(chooseThresholds({ named, config, ensemble: night, labels }))).toEqual([
    [1, "gore", 0.7],
  ]);
});

test("a label of a policy that the ensemble does not know is refused, and so is nothing to decide", () => {
  expect(() => chooseThresholds({ named: [], config, ensemble: day, labels })).toThrow(
    /does not know the label "elsewhere"/u,
  );
  const nothing = { ...config, policies: new Map([[strict, policy()]]) };
  expect(() => chooseThresholds({ named: [], config: nothing, ensemble: night, labels })).toThrow(
    /no policy forbids anything .*--threshold <label>=<score>/u,
  );
});
