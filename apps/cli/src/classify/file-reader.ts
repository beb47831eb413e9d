import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { sha256Schema } from "@sluice/contracts";
import type { ReadResult } from "@sluice/inference";

/** Reads a file that this command's own user named; links are followed, as every command does with what it is given. */
export async function readInput(path: string | Buffer, maxBytes: number): Promise<ReadResult> {
  try {
    await using file = await open(path, "r");
    const stats = await file.stat();
    if (!stats.isFile()) return unscannable("unreadable", "it is no regular file");
    if (stats.size === 0) return unscannable("empty", "0 bytes");
    if (stats.size > maxBytes) {
      return unscannable(
        "too-many-bytes",
        `${stats.size} bytes, above worker.maxImageBytes = ${maxBytes}`,
      );
    }
    const bytes = await file.readFile();
    const sha256 = sha256Schema.parse(createHash("sha256").update(bytes).digest("hex"));
    return { kind: "bytes", bytes, sha256 };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "") throw error;
    if (code === "ENOENT") return { kind: "gone", reason: "missing" };
    return unscannable("unreadable", `the file system answered ${code}`);
  }
}

function unscannable(
  reason: Extract<ReadResult, { kind: "unscannable" }>["reason"],
  detail: string,
): ReadResult {
  return { kind: "unscannable", reason, detail };
}
