import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import { PRECISION_FILES } from "../directory/precision.ts";
import { ModelError } from "../model-error.ts";
import { judgeVariant, type RefusedVariant, type VariantCriteria } from "./judge-variant.ts";
import { storedReportSchema, type StoredReport } from "./stored-report.ts";
import { VARIANT_FILES, type Variant } from "./variant.ts";

export interface PassedVariant {
  readonly variant: Variant;
  readonly agreement: StoredReport["agreement"];
}

export interface ExaminedVariants {
  /** Their reports are about the files as they lie there, and pass the limits. */
  readonly passed: readonly PassedVariant[];
  readonly refused: readonly RefusedVariant[];
}

/**
 * Holds the variants of a model directory against their reports. No network is run.
 *
 * @throws ModelError when a file is there and cannot be read
 */
export async function examineVariants(
  folder: string,
  variants: readonly Variant[],
  criteria: VariantCriteria,
): Promise<ExaminedVariants> {
  const passed: PassedVariant[] = [];
  const refused: RefusedVariant[] = [];
  for (const variant of variants) {
    const found = await examine(folder, variant, criteria);
    if ("reason" in found) refused.push(found);
    else passed.push(found);
  }
  return { passed, refused };
}

async function examine(
  folder: string,
  variant: Variant,
  criteria: VariantCriteria,
): Promise<PassedVariant | RefusedVariant> {
  const files = VARIANT_FILES[variant];
  const sha256 = await hashFile(join(folder, files.onnx));
  if (sha256 === null) {
    const detail = `there is no ${files.onnx}; \`sluice models build --${variant}\` writes it beside the float model`;
    return { variant, reason: "absent", detail };
  }
  const text = await readIfThere(join(folder, files.report));
  if (text === null) {
    const detail = `there is no ${files.report} that says how far ${files.onnx} agrees with the float model; make it with \`sluice models build --${variant}\``;
    return { variant, reason: "no-report", detail };
  }
  const report = storedReportSchema.safeParse(parseJson(text));
  if (!report.success) {
    const detail = `${files.report} cannot be used (${describe(report.error.issues)}); make the variant again`;
    return { variant, reason: "report-invalid", detail };
  }
  const floatPath = join(folder, PRECISION_FILES.float32);
  const floatSha256 = await hashFile(floatPath);
  if (floatSha256 === null)
    throw new ModelError(floatPath, "cannot be read: there is no such file");
  const evidence = { variant, report: report.data, sha256, floatSha256 };
  const refusal = judgeVariant(evidence, criteria);
  return refusal ?? { variant, agreement: report.data.agreement };
}

/** Null when there is no such file. */
async function hashFile(path: string): Promise<Sha256 | null> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    return nullIfMissing(path, error);
  }
  return sha256Schema.parse(hash.digest("hex"));
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    return nullIfMissing(path, error);
  }
}

function nullIfMissing(path: string, error: unknown): null {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
  throw new ModelError(path, `cannot be read (${String(error)})`, { cause: error });
}

/** Null, which no report is, when it is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // The schema says so in its own words.
  }
}

function describe(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
}
