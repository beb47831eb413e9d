import { readFile } from "node:fs/promises";
import { z } from "zod";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

const MAX_LABELS = 1_000_000;
const labelSchema = z.string().trim().min(1).max(512);
const labelsSchema = z.array(labelSchema).min(1).max(MAX_LABELS);

/**
 * Labels in the order of class ids: a JSON array of strings, or one label per line. Throws CliError (LABELS_INVALID)
 * for an unreadable file or an empty label. Two classes may share a label, as two of ImageNet's do.
 */
export async function readLabelsFile(path: string): Promise<readonly string[]> {
  const parsed = labelsSchema.safeParse(parse(await readText(path), path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const line = typeof issue?.path[0] === "number" ? ` at class ${issue.path[0]}` : "";
    throw invalid(path, `expected one label per line or a JSON array of labels, none empty${line}`);
  }
  return parsed.data;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw invalid(path, `cannot be read (${String(error)})`, error);
  }
}

function parse(text: string, path: string): unknown {
  if (!text.trimStart().startsWith("[")) return text.replace(/\r?\n$/u, "").split(/\r?\n/u);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, `begins like a JSON array and is not one (${String(error)})`, error);
  }
}

function invalid(path: string, problem: string, cause?: unknown): CliError {
  return new CliError("LABELS_INVALID", `${path}: ${problem}`, {
    exitCode: EXIT_CODE.configuration,
    cause,
  });
}
