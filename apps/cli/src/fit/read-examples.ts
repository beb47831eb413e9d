import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { listPictures, type PictureFile } from "../pictures/list-pictures.ts";

/** One content, whatever the number of files that hold it. */
export interface Example {
  /** The first file that holds it. */
  readonly path: string;
  /** Name of its sub-folder. */
  readonly label: string;
  /** Other files with the same bytes, with the labels of theirs. */
  readonly copies: readonly { readonly path: string; readonly label: string }[];
}

export interface SkippedPicture {
  readonly path: string;
  readonly reason: string;
}

export interface Examples {
  /** Names of the sub-folders, sorted; also of those without files. */
  readonly labels: readonly string[];
  readonly examples: readonly Example[];
  readonly skipped: readonly SkippedPicture[];
}

/**
 * Lists the files of a folder of labelled sub-folders. Files with the same bytes become one example, so that the same picture is
 * never both learned from and judged by, and counts once.
 *
 * @throws CliError when the folder cannot be listed or holds too many files
 */
export async function readExamples(
  folder: string,
  { maxPictures, signal }: { maxPictures: number; signal: AbortSignal },
): Promise<Examples> {
  const files = await listPictures(folder);
  if (files.length > maxPictures) {
    throw new CliError(
      "EXAMPLES_INVALID",
      `${folder} holds ${files.length} files, more than --max-pictures ${maxPictures}; raise it (each takes about 65 KB of memory at 2,048 features), or take fewer`,
      { exitCode: EXIT_CODE.configuration },
    );
  }
  const skipped: SkippedPicture[] = [];
  const byContent = new Map<string, Example & { copies: { path: string; label: string }[] }>();
  for (const file of files) {
    signal.throwIfAborted();
    const content = await identify(file);
    if (content.kind === "skipped") {
      skipped.push({ path: file.path, reason: content.reason });
      continue;
    }
    const { path, label } = content;
    const known = byContent.get(content.sha256);
    if (known === undefined) byContent.set(content.sha256, { path, label, copies: [] });
    else known.copies.push({ path, label });
  }
  return { labels: await listLabels(folder), examples: [...byContent.values()], skipped };
}

type Identified =
  | {
      readonly kind: "example";
      readonly path: string;
      readonly label: string;
      readonly sha256: string;
    }
  | { readonly kind: "skipped"; readonly reason: string };

async function identify({ path, label }: PictureFile): Promise<Identified> {
  if (label === null) {
    return { kind: "skipped", reason: "lies beside the sub-folders, so it has no label" };
  }
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    return { kind: "skipped", reason: `cannot be read (${String(error)})` };
  }
  return { kind: "example", path, label, sha256: hash.digest("hex") };
}

/** Sorted by code units, so that class ids are the same everywhere. */
async function listLabels(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .toSorted((a, b) => (a < b ? -1 : 1));
}
