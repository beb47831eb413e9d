import { expect, test } from "vitest";
import { EnsembleInvalidError } from "../ensemble-invalid-error.ts";
import { composeCascade, type CascadeParts } from "./compose-cascade.ts";

const place = { models: ["a", "b", "c"], labels: ["bad", "worse", "good"] };
const exit = { stage: 1, label: "bad", threshold: 0.5, below: 0.1, above: 0.9 };
const parts: CascadeParts = { stages: [[1], [0, 2]], exits: [exit], agreement: "all" };

test("every stage but the last has a margin for each threshold of its exits", () => {
  const other = { stage: 1, label: "worse", threshold: 0.2, below: 0.01, above: 0.7 };
  expect(composeCascade({ ...parts, exits: [exit, other] }, place)).toEqual({
    stages: [
      {
        members: [1],
        margins: [
          { below: 0.1, above: 0.9 },
          { below: 0.01, above: 0.7 },
        ],
      },
      { members: [0, 2], margins: null },
    ],
    thresholds: [
      { label: "bad", classId: 0, threshold: 0.5 },
      { label: "worse", classId: 1, threshold: 0.2 },
    ],
    agreement: "all",
  });
});

test("a stage without exits is run through", () => {
  const stages = [[1], [0], [2]];
  const cascade = composeCascade({ ...parts, stages, exits: [{ ...exit, stage: 2 }] }, place);
  expect(cascade.stages.map(({ margins }) => margins === null)).toEqual([true, false, true]);
});

test.each<[string, Partial<CascadeParts>, RegExp]>([
  ["a member in no stage", { stages: [[1], [0]] }, /stages: c is in no stage/u],
  ["a member in two stages", { stages: [[1], [0, 2, 1]] }, /stages: b is in more than one stage/u],
  ["one stage", { stages: [[0, 1, 2]] }, /stages: expected two or more/u],
  ["a stage without members", { stages: [[0, 1, 2], []] }, /stages: stage 2 has no member/u],
  ["no exits", { exits: [] }, /exits: expected at least one/u],
  [
    "a label that no member knows",
    { exits: [{ ...exit, label: "baad" }] },
    /exits: no member knows the label "baad"; known are bad, worse, good/u,
  ],
  [
    "an exit from the last stage",
    { exits: [{ ...exit, stage: 2 }] },
    /bad at 0\.5 in stage 2: images leave after stages 1 to 1/u,
  ],
  [
    "a margin on the wrong side",
    { exits: [{ ...exit, below: 0.6 }] },
    /expected below \(0\.6\) to be at most the threshold/u,
  ],
  [
    "a margin above that is below",
    { exits: [{ ...exit, above: 0.4 }] },
    /above \(0\.4\) at least/u,
  ],
  ["two exits for one threshold", { exits: [exit, exit] }, /stage 1 has more than one exit/u],
  [
    "a threshold that only one of two stages has",
    {
      stages: [[0], [1], [2]],
      exits: [exit, { ...exit, label: "worse" }, { ...exit, stage: 2 }],
    },
    /stage 2 has no exit for worse at 0\.5/u,
  ],
])("%s is refused by name", (_, change, message) => {
  const compose = () => composeCascade({ ...parts, ...change }, place);
  expect(compose).toThrow(EnsembleInvalidError);
  expect(compose).toThrow(message);
});

test("the member for embeddings must be in the first stage, as every outcome has them", () => {
  expect(() => composeCascade(parts, { ...place, embeddings: 0 })).toThrow(
    /the embeddings of a are part of every outcome, .* put it into the first stage/u,
  );
  expect(composeCascade(parts, { ...place, embeddings: 1 }).stages).toHaveLength(2);
});
