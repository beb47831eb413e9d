import { expect, test } from "vitest";
import { network, VariantFolder } from "../testing/variant-folder.ts";
import { examineVariants } from "./examine-variants.ts";

const LIMITS = { minTop1Agreement: 0.99, maxDecisionsChanged: 0.005, minPictures: 64 };
const criteria = { limits: LIMITS, hasExactByteProducts: false };

type Change = Parameters<VariantFolder["addVariant"]>[1];

async function examine(change: Change, more: Partial<typeof criteria> = {}) {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8", change);
  return await examineVariants(folder.path, ["int8"], { ...criteria, ...more });
}

test("a variant whose report is about these files and agrees passes", async () => {
  expect(await examine({})).toMatchObject({
    passed: [{ variant: "int8", agreement: { top1Agreement: 1 } }],
    refused: [],
  });
});

test.each<[string, Change, string, RegExp]>([
  [
    "top-1 below the limit",
    { agreement: { top1Agreement: 0.9899 } },
    "disagrees",
    /98\.9 % of 128.*expected 99 % or more \(minTop1Agreement\)/u,
  ],
  [
    "a decision changed",
    { agreement: { decisionsChanged: 1 } },
    "disagrees",
    /0\.7 % of 128.*otherwise.*0\.5 % or fewer \(maxDecisionsChanged\)/u,
  ],
  [
    "too few pictures",
    { agreement: { pictures: 63 } },
    "too-few-pictures",
    /63 held-out.*expected 64/u,
  ],
  [
    "a report of another file",
    { report: { sha256: "a".repeat(64) } },
    "file-changed",
    /model_quantized\.onnx \(sha256 \w{12}…\) is not the file/u,
  ],
  [
    "a report beside another float model",
    { report: { float: { sha256: "b".repeat(64) } } },
    "float-changed",
    /model\.onnx \(sha256 \w{12}…\) is not the network/u,
  ],
  ["a report of another version", { report: { version: 2 } }, "report-invalid", /version/u],
  [
    "a report with a score that was no number",
    { agreement: { top1Agreement: null } },
    "report-invalid",
    /top1Agreement/u,
  ],
  [
    "8-bit weights where their sums saturate",
    { report: { calibration: { weightBits: 8 } } },
    "inexact-here",
    /--weight-bits 7/u,
  ],
])("%s keeps it out, and the reason is told", async (_, change, reason, detail) => {
  const { passed, refused } = await examine(change);
  expect(passed).toEqual([]);
  expect(refused).toEqual([{ variant: "int8", reason, detail: expect.stringMatching(detail) }]);
});

test("what is just within the limits passes", async () => {
  const agreement = { pictures: 200, top1Agreement: 0.99, decisionsChanged: 1 };
  expect((await examine({ agreement })).refused).toEqual([]);
});

test("8-bit weights pass where sums of products of bytes are exact", async () => {
  const change = { report: { calibration: { weightBits: 8 } } };
  expect((await examine(change, { hasExactByteProducts: true })).refused).toEqual([]);
});

test("a variant that was exchanged behind its report is refused", async () => {
  await using folder = await VariantFolder.make();
  await folder.addVariant("int8");
  await folder.write("onnx/model_quantized.onnx", network("tampered"));
  const { refused } = await examineVariants(folder.path, ["int8"], criteria);
  expect(refused).toMatchObject([{ reason: "file-changed" }]);
});

test("an absent variant, an absent report and one that is no JSON are told apart", async () => {
  await using folder = await VariantFolder.make();
  const reason = async () =>
    (await examineVariants(folder.path, ["int8"], criteria)).refused.map((found) => found.reason);
  expect(await reason()).toEqual(["absent"]);
  await folder.write("onnx/model_quantized.onnx", network("int8"));
  expect(await reason()).toEqual(["no-report"]);
  await folder.write("onnx/model_quantized.report.json", "{");
  expect(await reason()).toEqual(["report-invalid"]);
});
