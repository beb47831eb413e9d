import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { applyHead, fitAndJudge, runToEnd } from "@sluice/model-fit";
import { readModelDirectory } from "@sluice/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { embedExamples } from "../../fit/embed-examples.ts";
import type { FitReport } from "../../fit/fit-report.ts";
import { readExamples } from "../../fit/read-examples.ts";
import { openPictureModel } from "../../pictures/picture-model.ts";
import { BADGE_LABELS } from "../../testing/badge-pictures.ts";
import { makeBadgePlace, type BadgePlace } from "../../testing/badge-place.ts";
import { runSluice, type CliResult } from "../../testing/run-sluice.ts";

const PER_LABEL = 60;
const { signal } = new AbortController();

let place: BadgePlace;
beforeAll(async () => void (place = await makeBadgePlace(PER_LABEL)), 120_000);
afterAll(async () => await place[Symbol.asyncDispose]());

async function fit(data: string, ...more: string[]): Promise<CliResult> {
  return await runSluice(
    ["models", "fit", "--features", place.features, "--data", data, ...more],
    await place.newFolder(),
  );
}

async function fitJson(data: string, ...more: string[]): Promise<FitReport> {
  const { code, stdout, stderr } = await fit(data, "--json", ...more);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

/** The first pictures of each label, in a folder that a test may change. */
async function someBadges(perLabel: number): Promise<string> {
  const folder = await place.newFolder();
  for (const label of BADGE_LABELS) {
    await mkdir(join(folder, label));
    for (const name of (await readdir(join(place.pictures, label))).toSorted().slice(0, perLabel)) {
      await cp(join(place.pictures, label, name), join(folder, label, name));
    }
  }
  return folder;
}

/** Logits of a model directory for the pictures of one label. */
async function logitsOf(folder: string, label: string): Promise<number[]> {
  await using model = await openPictureModel(folder);
  const names = (await readdir(join(place.pictures, label))).toSorted().slice(0, 8);
  const pixels = await Promise.all(
    names.map(async (name) => await model.prepare(join(place.pictures, label, name))),
  );
  const decoded = pixels.filter((picture) => picture instanceof Uint8Array);
  const outputs = await model.run(decoded, ["logits"]);
  return [...(outputs.get("logits")?.data ?? [])];
}

describe("a model fitted to labels that its features were not trained for", () => {
  let report: FitReport;
  beforeAll(async () => {
    report = await fitJson(place.pictures, "--out", join(await place.newFolder(), "fitted"));
  }, 120_000);

  test("calls held-out pictures right, far more often than chance", () => {
    expect(report.labels).toEqual(BADGE_LABELS);
    expect(report.pictures).toMatchObject({ training: 96, heldOut: 24, skipped: [] });
    expect(report.heldOut.baseline).toBe(0.5);
    expect(report.heldOut.accuracyInterval[0]).toBeGreaterThan(0.65);
    const wrong = report.heldOut.confusion.flatMap((row, i) => row.filter((_, j) => i !== j));
    expect(report.heldOut.mistakes).toHaveLength(wrong.reduce((sum, count) => sum + count, 0));
  });

  test("loads as a directory with those labels and gives the logits that the fit predicted", async () => {
    const folder = report.folder!;
    expect((await readModelDirectory(folder)).labels).toEqual(BADGE_LABELS);
    await using model = await openPictureModel(place.features);
    const { examples } = await readExamples(place.pictures, { maxPictures: 1000, signal });
    const embedded = await embedExamples(examples, model, { signal, onProgress: () => {} });
    const labels = Int32Array.from(embedded.examples, ({ label }) => (label === "badge" ? 0 : 1));
    const { head } = runToEnd(
      fitAndJudge(
        { ...embedded, labels, classes: 2 },
        { heldOut: 0.2, seed: 1, l2: null, classWeights: "balanced", refitsOnAll: true },
      ),
    );
    const predicted = applyHead(head, embedded.features.subarray(0, 8 * embedded.dimension));
    const actual = await logitsOf(folder, "badge");
    expect(actual).toHaveLength(16);
    for (const [i, logit] of actual.entries()) {
      expect(Math.abs(logit - predicted[i]!)).toBeLessThan(1e-4);
    }
  });

  test("finds what it was shown when the worker's pipeline runs it", async () => {
    const { code, stdout } = await runSluice(
      ["classify", join(place.pictures, "badge"), "--model", report.folder!, "--csv", "--top", "1"],
      await place.newFolder(),
    );
    expect(code).toBe(0);
    const called = stdout.trim().split(/\r?\n/u).slice(1);
    expect(called).toHaveLength(PER_LABEL);
    expect(called.filter((row) => row.includes(",badge,")).length).toBeGreaterThan(0.8 * PER_LABEL);
  });

  test("has the same bytes when it is fitted again", async () => {
    const again = await fitJson(place.pictures, "--out", join(await place.newFolder(), "again"));
    const digests = [report, again].map(
      async ({ folder }) => (await readModelDirectory(folder!)).digest,
    );
    const [first, second] = await Promise.all(digests);
    expect(second).toBe(first);
    expect({ ...again, folder: null }).toEqual({ ...report, folder: null });
  });

  test("has its logits divided by the temperature where that is asked for", async () => {
    const out = join(await place.newFolder(), "tempered");
    const tempered = await fitJson(place.pictures, "--out", out, "--temperature");
    expect(tempered.temperature).toEqual({ ...report.temperature, isApplied: true });
    const [plain, cooled] = [await logitsOf(report.folder!, "badge"), await logitsOf(out, "badge")];
    for (const [i, logit] of cooled.entries()) {
      expect(logit * tempered.temperature!.value).toBeCloseTo(plain[i]!, 4);
    }
  });

  test("is another when the head that was judged is kept", async () => {
    const out = join(await place.newFolder(), "kept");
    const kept = await fitJson(place.pictures, "--out", out, "--keep-held-out");
    expect(kept.isRefitted).toBe(false);
    expect(kept.heldOut).toEqual(report.heldOut);
    expect(await logitsOf(out, "badge")).not.toEqual(await logitsOf(report.folder!, "badge"));
  });
});

test("people are shown accuracy, confusion, calibration, and a rule that names the labels", async () => {
  const { code, stdout } = await fit(await someBadges(12), "--out", "site");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^24 pictures of 2 labels, 512 features each; 4 held out$/mu);
  expect(stdout).toMatch(/^accuracy +\d+\.\d % \(95 % interval \d+\.\d % to \d+\.\d %/mu);
  expect(stdout).toMatch(/^calibration error +0\.\d{3}, 0\.\d{3} with temperature/mu);
  expect(stdout).toMatch(/^ +badge +ordinary\nbadge +\d +\d\nordinary +\d +\d$/mu);
  expect(stdout).toContain('- { label: "badge", quarantine: 0.9, review: 0.5 }');
});

test("a dry run says the same and writes nothing", async () => {
  const cwd = await place.newFolder();
  const data = await someBadges(6);
  const args = ["models", "fit", "--features", place.features, "--data", data, "--out", "site"];
  const { code, stdout } = await runSluice([...args, "--dry-run"], cwd);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^accuracy/mu);
  expect(stdout).not.toContain("wrote");
  expect(await readdir(cwd)).toEqual([]);
});

describe("what is in the folder beside different pictures", () => {
  test("is named and left out when it cannot be decoded or has no label", async () => {
    const data = await someBadges(6);
    await writeFile(join(data, "badge", "notes.txt"), "not a picture");
    await writeFile(join(data, "ordinary", "empty.jpg"), "");
    await writeFile(join(data, "stray.jpg"), "");
    const { code, stdout, stderr } = await fit(data, "--dry-run", "--json");
    expect(code).toBe(0);
    expect(stderr).toMatch(/left out: .*badge\/notes\.txt: /u);
    expect(stderr).toMatch(/left out: .*ordinary\/empty\.jpg: /u);
    expect(stderr).toMatch(/left out: .*stray\.jpg: lies beside the sub-folders/u);
    const report: FitReport = JSON.parse(stdout);
    expect(report.pictures.skipped).toHaveLength(3);
    expect(report.pictures.training + report.pictures.heldOut).toBe(12);
  });

  test("counts once when it is the same picture in several files of one label", async () => {
    const data = await someBadges(6);
    await cp(join(data, "badge", "002.jpg"), join(data, "badge", "copy.jpg"));
    const { stdout, stderr } = await fit(data, "--dry-run", "--json");
    expect(stderr).toMatch(/counted once: .*copy\.jpg is .*002\.jpg again/u);
    const report: FitReport = JSON.parse(stdout);
    expect(report.pictures.training + report.pictures.heldOut).toBe(12);
  });

  test("is an error that names both files when one picture is under two labels", async () => {
    const data = await someBadges(6);
    await cp(join(data, "badge", "002.jpg"), join(data, "ordinary", "copy.jpg"));
    const { code, stdout, stderr } = await fit(data, "--out", "site");
    expect([code, stdout]).toEqual([78, ""]);
    expect(stderr).toMatch(/badge\/002\.jpg and .*ordinary\/copy\.jpg are the same picture/u);
  });

  test("may be the same under two labels when it is no picture", async () => {
    const data = await someBadges(6);
    for (const label of BADGE_LABELS) await writeFile(join(data, label, "Thumbs.db"), "thumbs");
    const { code, stderr } = await fit(data, "--dry-run");
    expect(code).toBe(0);
    expect(stderr).toMatch(/left out: .*badge\/Thumbs\.db/u);
    expect(stderr).toMatch(/left out: .*ordinary\/Thumbs\.db/u);
  });
});

describe("is refused before anything is written", () => {
  const refused = async (
    change: (data: string) => Promise<unknown>,
    ...more: string[]
  ): Promise<string> => {
    const data = await someBadges(3);
    await change(data);
    const { code, stdout, stderr } = await fit(data, "--out", "site", ...more);
    expect([code, stdout]).toEqual([78, ""]);
    expect(stderr).not.toMatch(/^ {4}at /mu);
    return stderr;
  };

  test("one label", async () => {
    const message = await refused(
      async (data) => await rm(join(data, "badge"), { recursive: true }),
    );
    expect(message).toMatch(/expected two sub-folders or more.*found only ordinary/u);
  });

  test("no sub-folder at all", async () => {
    const { code, stderr } = await fit(await place.newFolder(), "--out", "site");
    expect(code).toBe(78);
    expect(stderr).toMatch(/one per label, found none/u);
  });

  test("a label without pictures, and one with a single one that can be decoded", async () => {
    const message = await refused(async (data) => {
      await mkdir(join(data, "later"));
      for (const name of ["000.jpg", "001.jpg"]) await writeFile(join(data, "badge", name), "x");
    });
    expect(message).toMatch(/every label needs 2 different pictures.*later has 0/u);
    const single = await refused(async (data) => {
      for (const name of ["000.jpg", "001.jpg"]) await writeFile(join(data, "badge", name), name);
    });
    expect(single).toMatch(/left out: .*badge\/000\.jpg/u);
    expect(single).toMatch(/every label needs 2 different pictures.*badge has 1/u);
  });

  test("more files than --max-pictures", async () => {
    expect(await refused(async () => {}, "--max-pictures", "5")).toMatch(
      /holds 6 files, more than --max-pictures 5/u,
    );
  });

  test("a folder that is not there", async () => {
    const { code, stderr } = await fit(join(place.pictures, "nowhere"), "--out", "site");
    expect(code).toBe(78);
    expect(stderr).toMatch(/nowhere cannot be listed/u);
  });

  test.each([
    [[], /expected --out <dir>, or --dry-run/u],
    [["--out", "x", "--held-out", "1"], /expected a share between 0 and 1/u],
    [["--out", "x", "--l2", "0"], /expected a number above 0/u],
    [["--out", "x", "--class-weights", "some"], /Allowed choices are balanced, none/u],
  ])("a command line with %j", async (more, message) => {
    const { code, stderr } = await fit(place.pictures, ...more);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  test("the place of its own features", async () => {
    const { code, stderr } = await fit(place.pictures, "--out", place.features);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--out is the folder of --features/u);
  });
});
