import { expect, test } from "vitest";
import { GATE, problemsOf, site, UPLOADS, type Settings } from "./testing/site.ts";

const policy = (change: Settings): Settings => ({ policies: { default: { ...GATE, ...change } } });

test.each<[string, Settings, string]>([
  [
    "a number out of range",
    { worker: { maxFrames: 0 } },
    "worker.maxFrames: expected a whole number from 1 to 10000, received 0; correct it, or leave it out for the default 64",
  ],
  [
    "a number as text",
    { worker: { maxFrames: "64" } },
    'worker.maxFrames: expected a whole number from 1 to 10000, received "64"; correct it, or leave it out for the default 64',
  ],
  [
    "a fraction of a duration",
    { ingest: { resendAfterMs: 1000.5 } },
    "ingest.resendAfterMs: expected a whole number of milliseconds from 1000 to 86400000, received 1000.5; correct it, or leave it out for the default 600000",
  ],
  [
    "a setting without a value",
    { worker: { maxFrames: null } },
    "worker.maxFrames: expected a whole number from 1 to 10000, received nothing; correct it, or leave it out for the default 64",
  ],
  [
    "no such choice",
    { log: { format: "xml" } },
    'log.format: expected "auto" or "json" or "pretty", received "xml"; correct it, or leave it out for the default "auto"',
  ],
  [
    "a missing required setting",
    { sources: [{ name: "uploads", kind: "folder" }] },
    "sources[0].root: is missing; expected text; add it",
  ],
  [
    "a name that cannot be one",
    {
      roots: { "Up Loads": { folder: "in" }, uploads: { folder: "i" }, published: { folder: "o" } },
    },
    'roots: the name "Up Loads" cannot be used; expected 1 to 64 of a-z, 0-9, - and _, beginning and ending with a letter or digit',
  ],
  [
    "a misspelt setting",
    { worker: { maxBatchItem: 8 } },
    'worker.maxBatchItem: unknown setting; did you mean "maxBatchItems"?',
  ],
  [
    "a setting in the wrong place",
    { ingest: { maxFrames: 8 } },
    "ingest.maxFrames: unknown setting; its place is worker.maxFrames",
  ],
  [
    "a setting that nobody knows",
    { log: { colour: true } },
    "log.colour: unknown setting; remove it; known here are level, format",
  ],
  [
    "a misspelt mode",
    policy({ mode: "gat" }),
    'policies.default.mode: expected "gate" or "sweep" or "answer", received "gat"; correct it',
  ],
  [
    "a gate with no published place",
    policy({ publishTo: undefined }),
    "policies.default.publishTo: is missing; expected text; add it",
  ],
  [
    "a sweep that publishes",
    policy({ mode: "sweep" }),
    'policies.default.publishTo: unknown setting of mode "sweep"; remove it, or choose the other mode',
  ],
  [
    "a threshold above 1",
    policy({ forbidden: [{ label: "x", quarantine: 1.5 }] }),
    "policies.default.forbidden[0].quarantine: expected at most 1, received 1.5; correct it",
  ],
  [
    "review above quarantine",
    policy({ forbidden: [{ label: "x", quarantine: 0.2, review: 0.5 }] }),
    'policies.default.forbidden[0]: expected review to be at most quarantine, otherwise nothing would ever be reviewed, received {"label":"x","quarantine":0.2,"review":0.5}; correct it',
  ],
  [
    "a rule with no threshold",
    policy({ forbidden: [{ label: "x" }] }),
    'policies.default.forbidden[0]: expected at least one threshold: quarantine or review, a score above 0 and up to 1, received {"label":"x"}; correct it',
  ],
  [
    "a rule with label and class id",
    policy({ forbidden: [{ label: "x", classId: 1, review: 0.5 }] }),
    'policies.default.forbidden[0]: expected either label or classId, and not both, received {"label":"x","classId":1,"review":0.5}; correct it',
  ],
  [
    "links to follow",
    { sources: [{ ...UPLOADS, followSymlinks: true }] },
    "sources[0].followSymlinks: expected false: links are never followed, received true; correct it, or leave it out for the default false",
  ],
])("%s", async (_, change, expected) => {
  expect(await problemsOf(site(change))).toEqual([expected]);
});

test("a password in a wrong place is not shown", async () => {
  const url = "redis://user:hunter2@cache:6379";
  for (const change of [
    { redis: url },
    { redis: [url] },
    { redis: { prefix: url } },
    { log: url },
  ]) {
    const [problem] = await problemsOf(site(change));
    expect(problem).not.toMatch(/hunter2/u);
    expect(problem).toMatch(/cache:6379/u);
  }
  const [problem] = await problemsOf(site({ redis: { url: "http://user:hunter2@cache" } }));
  expect(problem).not.toMatch(/hunter2|cache/u);
});

test("a huge wrong value is cut", async () => {
  const [problem = ""] = await problemsOf(site({ dataDir: Array.from({ length: 1e5 }, () => 1) }));
  expect(problem.length).toBeLessThan(300);
});
