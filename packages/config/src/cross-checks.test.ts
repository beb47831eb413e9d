import { expect, test } from "vitest";
import { GATE, load, problemsOf, site, UPLOADS, type Settings } from "./testing/site.ts";

const three = { uploads: { folder: "in" }, published: { folder: "out" }, more: { folder: "more" } };

test.each<[string, Settings, RegExp]>([
  [
    "an unknown root",
    { sources: [{ ...UPLOADS, root: "upload" }] },
    /^sources\[0\]\.root: there is no root named "upload"; did you mean "uploads"\?$/u,
  ],
  [
    "an unknown policy",
    { sources: [{ ...UPLOADS, policy: "strict" }] },
    /^sources\[0\]\.policy: there is no policy named "strict"; known are default$/u,
  ],
  [
    "an unknown ensemble",
    { sources: [{ ...UPLOADS, ensemble: "big" }] },
    /^sources\[0\]\.ensemble: there is no ensemble named "big"; known are default$/u,
  ],
  [
    "an unknown ensemble of the worker",
    { worker: { ensemble: "big" } },
    /^worker\.ensemble: there is no ensemble named "big"; known are default$/u,
  ],
  [
    "two sources on one root",
    { sources: [UPLOADS, { ...UPLOADS, name: "again" }] },
    /^sources\[1\]\.root: two sources watch root "uploads", .*keep one$/u,
  ],
  [
    "two sources of one name",
    { roots: three, sources: [UPLOADS, { ...UPLOADS, root: "more" }] },
    /^sources\[1\]\.name: "uploads" is used twice; give each its own name$/u,
  ],
  [
    "a gate to an unknown place",
    { policies: { default: { ...GATE, publishTo: "publish" } } },
    /^policies\.default\.publishTo: there is no root named "publish"; did you mean "published"\?$/u,
  ],
  [
    "a gate onto itself",
    { policies: { default: { ...GATE, publishTo: "uploads" } } },
    /^policies\.default\.publishTo and sources "uploads"\.root: both are "uploads"; a gate needs two places/u,
  ],
  [
    "an answer where there is no other copy",
    { policies: { default: { mode: "answer", forbidden: [] } } },
    /^policies\.default\.mode and sources "uploads"\.kind: answer removes what was allowed/u,
  ],
  [
    "gates in a circle",
    {
      sources: [UPLOADS, { ...UPLOADS, name: "back", root: "published", policy: "back" }],
      policies: { default: GATE, back: { ...GATE, publishTo: "uploads" } },
    },
    /^sources and policies: the gates "uploads" → "published" → "uploads" publish in a circle; let one/u,
  ],
  [
    "a threshold that the ensemble's cascade was not tuned for",
    {
      ensembles: {
        default: {
          members: [{ model: "m" }, { model: "n" }],
          cascade: {
            stages: [["m"], ["n"]],
            exits: [{ stage: 1, label: "x", threshold: 0.3, below: 0.1, above: 0.9 }],
          },
        },
      },
      policies: { default: { ...GATE, forbidden: [{ label: "x", review: 0.3, quarantine: 0.5 }] } },
    },
    /^policies\.default\.forbidden\[0\]\.quarantine and ensembles\.default\.cascade\.exits: .* x at 0\.5, .*run "sluice ensemble tune" again/u,
  ],
  [
    "a threshold below the floor",
    {
      ensembles: { default: { members: [{ model: "m" }], scoreFloor: 0.4 } },
      policies: { default: { ...GATE, forbidden: [{ label: "x", review: 0.3 }] } },
    },
    /^policies\.default\.forbidden\[0\] and ensembles\.default\.scoreFloor: the threshold 0\.3 is below 0\.4/u,
  ],
  [
    "a weight that counts for nothing",
    { ensembles: { default: { members: [{ model: "m" }, { model: "n", weight: 2 }] } } },
    /^ensembles\.default\.members\[1\]\.weight and ensembles\.default\.fusion: mean counts every member the same; use fusion: weighted/u,
  ],
  [
    "a stalled interval that is not below the lock",
    { worker: { lockDurationMs: 3000, stalledIntervalMs: 3000 } },
    /^worker\.stalledIntervalMs and worker\.lockDurationMs: expected the interval \(3000\) to be below/u,
  ],
])("%s is refused, and both settings are named", async (_, change, expected) => {
  expect(await problemsOf(site(change))).toEqual([expect.stringMatching(expected)]);
});

test("contradictions are told all at once", async () => {
  const problems = await problemsOf(
    site({
      sources: [{ ...UPLOADS, policy: "strict", ensemble: "big" }],
      worker: { lockDurationMs: 1000, stalledIntervalMs: 2000 },
    }),
  );
  expect(problems).toHaveLength(3);
});

test("a sweep over what a gate publishes is no contradiction, and neither is a chain of gates", async () => {
  const sweep = { mode: "sweep", forbidden: [] };
  const published = { ...UPLOADS, name: "public", root: "published", policy: "after" };
  const sources = [UPLOADS, published];
  const chained = { ...GATE, publishTo: "more" };
  for (const after of [sweep, chained]) {
    const change = { roots: three, sources, policies: { default: GATE, after } };
    await expect(load(site(change))).resolves.toBeDefined();
  }
});
