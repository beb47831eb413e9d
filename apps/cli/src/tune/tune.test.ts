import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findModelCard, generatePictures } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runSluice, type CliResult } from "../testing/run-sluice.ts";

let cwd = "";
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-tune-"));
  for (const name of ["squeezenet1_1", "efficientnet_b0"] as const) {
    await buildFromCard(findModelCard(name), join(cwd, name));
  }
  const drawn = await generatePictures({ folder: join(cwd, "drawn"), seed: 51, count: 96 });
  for (const { kind, name } of drawn) {
    await mkdir(join(cwd, "labelled", kind), { recursive: true });
    await cp(join(cwd, "drawn", name), join(cwd, "labelled", kind, basename(name)));
  }
  await generatePictures({ folder: join(cwd, "others"), seed: 52, count: 48 });
});
afterAll(async () => await rm(cwd, { recursive: true }));

const models = ["--model", "efficientnet_b0", "squeezenet1_1"];
const sluice = async (...args: string[]) => await runSluice(args, cwd);
const tune = async (...args: string[]) => await sluice("ensemble", "tune", ...args);

interface Told {
  readonly path: string;
  readonly scores: readonly { readonly label: string; readonly score: number }[];
  readonly members: readonly { readonly model: string }[];
  readonly cascade?: { readonly stage: number; readonly stages: number };
}

async function classify(...ensemble: string[]): Promise<Told[]> {
  const { code, stdout } = await sluice("classify", "others", "--jsonl", "--top", "8", ...ensemble);
  expect(code).toBe(0);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line): Told => JSON.parse(line));
}

describe("a tuned ensemble", () => {
  let tuned: CliResult;
  beforeAll(async () => {
    await writeFile(join(cwd, "drawn", "broken.jpg"), "no picture");
    await cp(join(cwd, "drawn", "fish-00000.jpg"), join(cwd, "drawn", "again.jpg"));
    tuned = await tune("--data", "drawn", ...models, "--out", "fast.yaml");
  }, 120_000);

  test("is written with its stages, the cheapest first, and with what the figures are worth", () => {
    const { code, stdout, stderr } = tuned;
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/left out \S+broken\.jpg: not-an-image\n1 files hold the bytes/u),
    ]);
    expect(stdout).toMatch(/^tuned on 48 pictures, judged on 48 others, for target at 0\.5, /u);
    // The cheapest measured first, whatever order the command line has.
    expect(stdout).toMatch(/^stages: squeezenet1_1, then efficientnet_b0$/mu);
    expect(stdout).toMatch(/48 pictures are too few for 0\.50 %, at least 765 must be held out/u);
    expect(stdout).toMatch(/^wrote fast\.yaml$/mu);
  });

  test("decides other pictures as the whole one does, most of them after its first stage", async () => {
    const [fast, whole] = [await classify("--ensemble", "fast.yaml"), await classify(...models)];
    const isTarget = ({ scores }: Told): boolean =>
      (scores.find(({ label }) => label === "target")?.score ?? 0) >= 0.5;
    expect(fast.map(isTarget)).toEqual(whole.map(isTarget));
    const early = fast.filter(({ cascade }) => cascade?.stage === 1);
    expect(early.length).toBeGreaterThan(fast.length / 2);
    expect(
      early.every(({ members }) => members.map(({ model }) => model).join() === "squeezenet1_1"),
    ).toBe(true);
    expect(whole.every(({ cascade }) => cascade === undefined)).toBe(true);
  });

  test("says in the table after which stage a picture left", async () => {
    const { stdout } = await sluice("classify", "others", "--top", "1", "--ensemble", "fast.yaml");
    expect(stdout).toMatch(/^ {2}decided after stage 1 of 2$/mu);
  });

  test.each<[string, (text: string) => string, RegExp]>([
    [
      "a stage that names a member that is not there",
      (text) => text.replace(/"stages": \[\s*\[\s*"squeezenet1_1"/u, '"stages": [["squeezenet1_0"'),
      /cascade\.stages: no member is called squeezenet1_0; .* efficientnet_b0, squeezenet1_1/u,
    ],
    [
      "an exit for a label that no member knows",
      (text) => text.replaceAll('"target"', '"targte"'),
      /cascade\.exits: no member knows the label "targte"/u,
    ],
  ])("with %s is refused by name", async (_, change, message) => {
    const text = await readFile(join(cwd, "fast.yaml"), "utf8");
    await writeFile(join(cwd, "wrong.yaml"), change(text));
    const { code, stderr } = await sluice("classify", "others", "--ensemble", "wrong.yaml");
    expect([code, stderr]).toEqual([78, expect.stringMatching(message)]);
  });

  test("gives no embeddings of a member that does not run for every picture", async () => {
    const text = await readFile(join(cwd, "fast.yaml"), "utf8");
    const changed = text.replace('"embeddings": "none"', '"embeddings": "efficientnet_b0"');
    await writeFile(join(cwd, "embedding.yaml"), changed);
    const args = ["--ensemble", "embedding.yaml", "--jsonl", "--embeddings"];
    const { code, stderr } = await sluice("classify", "others", ...args);
    const told =
      /embeddings of efficientnet_b0 are part of every outcome, .* into the first stage/u;
    expect([code, stderr]).toEqual([78, expect.stringMatching(told)]);
  });

  test("with a member of a later stage that does not load is refused by name", async () => {
    await cp(join(cwd, "efficientnet_b0"), join(cwd, "broken", "efficientnet_b0"), {
      recursive: true,
    });
    const onnx = join(cwd, "broken", "efficientnet_b0", "onnx", "model.onnx");
    await writeFile(onnx, (await readFile(onnx)).subarray(0, 1000));
    const text = await readFile(join(cwd, "fast.yaml"), "utf8");
    const broken = text.replace('"model": "efficientnet_b0"', '"model": "broken/efficientnet_b0"');
    await writeFile(join(cwd, "broken.yaml"), broken);
    const { code, stderr } = await sluice("classify", "others", "--ensemble", "broken.yaml");
    expect([code, stderr]).toEqual([78, expect.stringMatching(/efficientnet_b0/u)]);
  });

  test("is taken by a configuration with the same thresholds, and refused with others", async () => {
    const ensemble: unknown = JSON.parse(
      (await readFile(join(cwd, "fast.yaml"), "utf8")).replace(/^#.*\n/u, ""),
    );
    const site = (quarantine: number) => ({
      version: 1,
      roots: { uploads: { folder: "others" }, published: { folder: "labelled" } },
      sources: [{ name: "uploads", kind: "folder", root: "uploads" }],
      ensembles: { default: ensemble },
      policies: {
        default: {
          mode: "gate",
          publishTo: "published",
          forbidden: [{ label: "target", quarantine, review: 0.2 }],
        },
      },
    });
    const classifyUnder = async (quarantine: number) => {
      await writeFile(join(cwd, "site.yaml"), JSON.stringify(site(quarantine)));
      return await sluice("classify", "others", "--config", "site.yaml", "--csv");
    };
    expect((await classifyUnder(0.5)).code).toBe(0);
    const refused = await classifyUnder(0.6);
    expect([refused.code, refused.stderr]).toEqual([
      78,
      expect.stringMatching(/the cascade was not tuned for target at 0\.6/u),
    ]);
  });
});

test("sub-folders that say what pictures show give errors of the whole and of each cascade", async () => {
  const args = ["--data", "labelled", "--labelled", "--threshold", "target=0.5", "--json"];
  const { code, stdout } = await tune(...args, ...models);
  const report: unknown = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(report).toMatchObject({
    thresholds: [{ label: "target", threshold: 0.5 }],
    stages: [["squeezenet1_1"], ["efficientnet_b0"]],
    wholeErrors: { missed: expect.any(Number), falseAlarms: expect.any(Number) },
    trade: expect.arrayContaining([
      expect.objectContaining({
        errors: { missed: expect.any(Number), falseAlarms: expect.any(Number) },
      }),
    ]),
    ensemble: { cascade: { stages: [["squeezenet1_1"], ["efficientnet_b0"]] } },
    written: null,
  });
}, 120_000);

test.each<[string, string[], number, RegExp]>([
  [
    "a label that no member knows",
    ["--threshold", "tarket=0.5"],
    2,
    /does not know the label "tarket"/u,
  ],
  ["a threshold that is none", ["--threshold", "target=2"], 2, /expected a label and a score/u],
  ["labels where there are none", ["--labelled"], 78, /no sub-folders; name them as the labels/u],
  ["more pictures than may be", ["--max-pictures", "9"], 78, /more than --max-pictures 9/u],
])("%s is refused with what to do", async (_, args, exitCode, message) => {
  const { code, stderr } = await tune("--data", "others", ...models, ...args);
  expect([code, stderr]).toEqual([exitCode, expect.stringMatching(message)]);
});

test("one member alone has nothing to leave", async () => {
  const { code, stderr } = await tune("--data", "others", "--model", "squeezenet1_1");
  expect([code, stderr]).toEqual([78, expect.stringMatching(/a cascade needs two or more/u)]);
});
