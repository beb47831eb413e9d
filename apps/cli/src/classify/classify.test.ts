import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findModelCard, generatePictures } from "@sluice/demo-models";
import { buildFromCard } from "@sluice/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runSluice } from "../testing/run-sluice.ts";

let cwd = "";
/** Names of the pictures in the order in which they are told; each begins with what it shows. */
let names: string[] = [];
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-classify-"));
  await buildFromCard(findModelCard("squeezenet1_1"), join(cwd, "squeezenet"));
  const drawn = await generatePictures({ folder: join(cwd, "photos"), seed: 31, count: 40 });
  // Here, since a process that has decoded pictures from strangers draws no more of its own.
  await generatePictures({ folder: join(cwd, "examples"), seed: 32, count: 90 });
  names = drawn.map(({ name }) => name).toSorted();
});
afterAll(async () => await rm(cwd, { recursive: true }));

async function classify(...args: string[]) {
  const { code, stdout, stderr } = await runSluice(["classify", ...args], cwd);
  return { code, lines: stdout.trimEnd().split("\n"), stderr };
}

const squeezenet = ["--model", "squeezenet"];

test("a folder becomes a CSV in its own order, with the right labels", async () => {
  const { code, lines, stderr } = await classify("photos", "--csv", "--top", "1", ...squeezenet);
  expect([code, stderr]).toEqual([0, ""]);
  const [heading, ...rows] = lines;
  expect(heading).toBe(
    "path,outcome,sha256,format,width,height,frames,frames_seen,damaged,label_1,score_1",
  );
  const cells = rows.map((row) => row.split(","));
  expect(cells.map(([path = ""]) => basename(path))).toEqual(names);
  const right = cells.filter(([path = "", , , , , , , , , label = ""]) =>
    basename(path).startsWith(label),
  );
  expect(right.length).toBeGreaterThanOrEqual(0.95 * names.length);
});

test("what cannot be classified stands in its place with the reason, and the exit code tells", async () => {
  const folder = join(cwd, "mixed");
  await mkdir(folder);
  await copyFile(join(cwd, "photos", names[0]!), join(folder, "b.jpg"));
  await writeFile(join(folder, "a.jpg"), "");
  await writeFile(join(folder, "=c.jpg"), "no picture");
  await symlink(join(cwd, "photos", names[0]!), join(folder, "link.jpg"));
  await writeFile(join(folder, ".hidden.jpg"), "no picture");
  const { code, lines, stderr } = await classify("mixed", "--jsonl", ...squeezenet);
  expect(code).toBe(1);
  expect(stderr).toMatch(/2 of 3 files could not be classified/u);
  const told = lines.map((line): { path: string; outcome: string } => JSON.parse(line));
  expect(told).toMatchObject([
    { path: "mixed/=c.jpg", outcome: "unscannable", reason: "not-an-image" },
    { path: "mixed/a.jpg", outcome: "unscannable", reason: "empty" },
    { path: "mixed/b.jpg", outcome: "classified", members: [{ model: "squeezenet" }] },
  ]);
});

test("a name that a spreadsheet would run as a formula is disarmed", async () => {
  await writeFile(join(cwd, "=c.jpg"), "no picture");
  const { lines } = await classify("=c.jpg", "--csv", ...squeezenet);
  expect(lines[1]).toMatch(/^'=c\.jpg,not-an-image,/u);
});

test("names that are no UTF-8, or would move the cursor, are classified and told harmlessly", async () => {
  const folder = join(cwd, "hostile-names");
  await mkdir(folder);
  const picture = await readFile(join(cwd, "photos", names[0]!));
  const hostile = ["a\nb\u001B[2J.jpg", '","x.jpg', "100%.jpg"].map((name) => Buffer.from(name));
  for (const name of [...hostile, Buffer.from([0xff, 0xfe, 0x2e, 0x6a])]) {
    await writeFile(Buffer.concat([Buffer.from(`${folder}/`), name]), picture);
  }
  const csv = await classify("hostile-names", "--csv", "--top", "1", ...squeezenet);
  expect(csv.code).toBe(0);
  expect(csv.lines.slice(1).map((line) => line.slice(0, line.indexOf(",classified,")))).toEqual([
    '"hostile-names/"",""x.jpg"',
    "hostile-names/100%.jpg",
    "hostile-names/a\\u{a}b\\u{1b}[2J.jpg",
    "hostile-names/%FF%FE.j",
  ]);
  const { lines } = await classify("hostile-names", "--jsonl", ...squeezenet);
  const told = lines.map((line): { path: string } => JSON.parse(line));
  expect(told[2]?.path).toBe("hostile-names/a\nb\u001B[2J.jpg");
});

test("a named file keeps the name it was given, in the order of the arguments", async () => {
  const [first = "", second = ""] = names;
  const args = [`photos/${second}`, `./photos/${first}`];
  const { lines } = await classify(...args, "--jsonl", "--top", "1", ...squeezenet);
  const told = lines.map((line): { path: string; scores: unknown[] } => JSON.parse(line));
  expect(told.map(({ path }) => path)).toEqual(args);
  expect(told[0]!.scores).toHaveLength(1);
});

test("an ensemble file decides: two sets give labels of both, with their names", async () => {
  const members = ["tame", "wild"].map((set) => ({ model: "squeezenet", set }));
  await writeFile(join(cwd, "twice.yaml"), JSON.stringify({ members, fusion: "max" }));
  const { code, lines } = await classify(
    `photos/${names[0]!}`,
    "--ensemble",
    "twice.yaml",
    "--jsonl",
  );
  expect(code).toBe(0);
  const { scores }: { scores: { label: string; score: number }[] } = JSON.parse(lines[0]!);
  const [first, second] = scores;
  expect([first?.label.split("/")[0], second?.label.split("/")[0]]).toEqual(["tame", "wild"]);
  expect(first?.score).toBe(second?.score);
});

test("a member runs in the precision that its ensemble asks for, or says how to make it", async () => {
  const member = { model: "squeezenet", precision: "int8" };
  await writeFile(join(cwd, "small.yaml"), JSON.stringify({ members: [member] }));
  const missing = await classify("photos", "--ensemble", "small.yaml");
  expect(missing.stderr).toMatch(/model_quantized\.onnx: cannot be read.*--int8/u);
  await runSluice(
    [
      "models",
      "build",
      "--card",
      findModelCard("squeezenet1_1"),
      "--out",
      "squeezenet",
      "--int8",
    ].concat(["--pictures", "photos", "--calibration-pictures", "20", "--held-out", "20"]),
    cwd,
  );
  const { code, lines } = await classify(
    "photos",
    "--ensemble",
    "small.yaml",
    "--jsonl",
    "--top",
    "1",
  );
  expect(code).toBe(0);
  const told = lines.map(
    (line): { path: string; scores: { label: string }[]; members: { model: string }[] } =>
      JSON.parse(line),
  );
  expect(new Set(told.map(({ members }) => members[0]!.model))).toEqual(
    new Set(["squeezenet:int8"]),
  );
  const right = told.filter(({ path, scores }) => basename(path).startsWith(scores[0]!.label));
  expect(right.length).toBeGreaterThanOrEqual(0.95 * names.length);
});

describe("a member whose precision is left to this machine", () => {
  const ensemble = ["--ensemble", "auto.yaml", "--jsonl", "--top", "1"];
  const modelsOf = (lines: readonly string[]): ReadonlySet<string> =>
    new Set(
      lines.map((line) => {
        const told: { members: { model: string }[] } = JSON.parse(line);
        return told.members[0]!.model;
      }),
    );

  beforeAll(async () => {
    const card = findModelCard("squeezenet1_1");
    const sizes = ["--calibration-pictures=20", "--held-out=70", "--int8"];
    await runSluice(
      ["models", "build", "--card", card, "--out", "both", "--pictures", "examples", ...sizes],
      cwd,
    );
    const member = { model: "both", precision: "auto" };
    // However slow this machine's integers are: what is told is under test here, not how fast they are.
    const variantLimits = { minSpeedup: 1, minTop1Agreement: 0.95, maxDecisionsChanged: 0.05 };
    await writeFile(join(cwd, "auto.yaml"), JSON.stringify({ members: [member], variantLimits }));
  }, 60_000);

  test("runs in what was measured to be fastest, tells it, and does not measure again", async () => {
    const first = await classify("photos", ...ensemble);
    expect(first.code).toBe(0);
    const told =
      /^both: (?:(int8) \(\d\.\d\dx float32 here, \d+(?:\.\d)? % agreement\)|float32 \(int8 runs 0\.\d\dx float32 here, .*\))$/mu;
    expect(first.stderr).toMatch(told);
    const isInteger = told.exec(first.stderr)?.[1] === "int8";
    expect(modelsOf(first.lines)).toEqual(new Set([isInteger ? "both:int8" : "both"]));
    const again = await classify("photos", ...ensemble);
    expect([again.stderr, again.lines]).toEqual([first.stderr, first.lines]);
  });

  test("is float32 when the variant is not the one that was compared, and says so", async () => {
    const path = join(cwd, "both", "onnx", "model_quantized.onnx");
    const sound = await readFile(path);
    await writeFile(path, Buffer.concat([sound, Buffer.from([0x32, 1, 120])])); // doc_string "x"
    const { code, stderr, lines } = await classify("photos", ...ensemble);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(
        /^both: float32 \(int8 is not taken: onnx\/model_quantized\.onnx \(sha256 \w+…\) is not the file/u,
      ),
    ]);
    expect(modelsOf(lines)).toEqual(new Set(["both"]));
    await writeFile(path, sound);
  });
});

test.each([
  [["photos", "--model", "nowhere"], 78, /nowhere\/config\.json: cannot be read/u],
  [["nowhere", ...squeezenet], 78, /nowhere cannot be read/u],
  [["photos", "--ensemble", "no.yaml"], 78, /no\.yaml: no such file/u],
  [["photos", "--ensemble", "no.yaml", ...squeezenet], 2, /not both/u],
  [["photos", "--csv", "--jsonl"], 2, /cannot be used with/u],
])("%j is refused with what to do", async (args, exitCode, message) => {
  const { code, stderr } = await classify(...args);
  expect(stderr).toMatch(message);
  expect(code).toBe(exitCode);
});

test("a folder of pictures larger than all that is in flight comes out whole", async () => {
  const many = join(cwd, "many");
  await mkdir(many);
  const picture = await readFile(join(cwd, "photos", names[0]!));
  const paths = Array.from({ length: 300 }, (_, i) =>
    join(many, `${String(i).padStart(4, "0")}.jpg`),
  );
  for (const path of paths) await writeFile(path, picture);
  const { code, lines } = await classify("many", "--csv", "--top", "1", ...squeezenet);
  expect(code).toBe(0);
  expect(lines.slice(1).map((line) => line.split(",")[0])).toEqual(
    paths.map((path) => `many/${basename(path)}`),
  );
});

test("Ctrl-C ends it with exit code 130, and the rows so far are whole", async () => {
  const args = ["classify", "photos", "--csv", "--top", "1", ...squeezenet];
  const isEnough = (stdout: string): boolean => stdout.split("\n").length > 4;
  const { code, stdout, stderr } = await runSluice(args, cwd, isEnough);
  expect([code, stderr]).toEqual([130, expect.stringContaining("stopped by SIGINT")]);
  const [heading = "", ...rows] = stdout.trimEnd().split("\n");
  expect(rows.length).toBeLessThan(names.length);
  expect(rows.map((row) => basename(row.split(",")[0] ?? ""))).toEqual(names.slice(0, rows.length));
  expect(new Set(rows.map((row) => row.split(",").length))).toEqual(
    new Set([heading.split(",").length]),
  );
});
