import { expect, test } from "vitest";
import type { ObservedPicture } from "./observe-pictures.ts";
import { tuneEnsemble } from "./tune-ensemble.ts";

/** A picture of which two stages give a score for one label. */
function picture(first: number, whole: number, label: string | null = null): ObservedPicture {
  const stage = (score: number) => {
    return { frames: [[{ score, isAgreed: true }]], sides: [score >= 0.5] };
  };
  return { observation: { rows: 1, stages: [stage(first), stage(whole)] }, label };
}

const many = (count: number, make: (i: number) => ObservedPicture): ObservedPicture[] =>
  Array.from({ length: count }, (_, i) => make(i));
const parts = {
  stages: [[0], [1]],
  stageMs: [1, 9],
  thresholds: [{ label: "bad", classId: 0, threshold: 0.5 }],
  agreement: "all",
  decodeMs: 2,
} as const;
const options = { maxDisagreement: 0.02, heldOut: 0.5, seed: 1, isLabelled: false };

test("every kind of decision is on both sides, and the estimate is that of the measured costs", () => {
  const pictures = many(100, (i) => (i % 10 === 0 ? picture(0.99, 0.99) : picture(0.01, 0.01)));
  const tuning = tuneEnsemble(pictures, parts, options);
  expect([tuning.tunedOn, tuning.judgedOn]).toEqual([50, 50]);
  expect(tuning.wholeImagesPerSecond).toBeCloseTo(1000 / 12, 6);
  expect(tuning.chosen?.imagesPerSecond).toBeCloseTo(1000 / 3, 6);
  expect(tuning.chosen?.onHeldOut).toMatchObject({ changed: 0, decided: [50, 0] });
});

test("what costs more decisions on other pictures than may be is not chosen, however fast it is", () => {
  // A tenth of the pictures cannot be told from clean ones by the first stage.
  const pictures = many(200, (i) => (i % 10 === 0 ? picture(0.01, 0.99) : picture(0.01, 0.01)));
  const { chosen, trade } = tuneEnsemble(pictures, parts, options);
  expect(chosen).toBeNull();
  expect(trade.every(({ onHeldOut }) => onHeldOut.changed <= 0.04 * onHeldOut.pictures)).toBe(true);
});

test("the pictures that are needed to be sure are those at which none changed means little enough", () => {
  const pictures = many(40, () => picture(0.01, 0.01));
  const { picturesNeeded, chosen } = tuneEnsemble(pictures, parts, options);
  expect(picturesNeeded).toBe(189);
  expect(chosen?.atMost).toBeGreaterThan(options.maxDisagreement);
});

test("labels count what the whole ensemble and the cascade get wrong", () => {
  const pictures = [
    ...many(20, () => picture(0.99, 0.99, "bad")),
    ...many(20, () => picture(0.01, 0.01, "good")),
    ...many(2, () => picture(0.01, 0.01, "bad")),
    ...many(2, () => picture(0.99, 0.99, "good")),
  ];
  const labelled = tuneEnsemble(pictures, parts, { ...options, isLabelled: true });
  const { missed = 0, falseAlarms = 0 } = labelled.wholeErrors ?? {};
  expect(missed + falseAlarms).toBeGreaterThan(0);
  expect(labelled.chosen?.errors).toEqual({ missed, falseAlarms });
  expect(tuneEnsemble(pictures, parts, options).wholeErrors).toBeNull();
});
