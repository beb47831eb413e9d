import { execFile } from "node:child_process";
import type { FileHandle } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Sets a file's modification time, in nanoseconds since 1970. Node passes times as doubles, which at today's dates
 * are up to 120 ns off.
 */
export async function setMtime(handle: FileHandle, mtimeNs: string): Promise<void> {
  const seconds = Number(mtimeNs) / 1e9;
  await handle.utimes(new Date(), seconds);
}

/**
 * The same to the last nanosecond, by the `touch` of GNU coreutils; where there is none, as exact as `setMtime`.
 * Starts a process: for restores, not for every upload.
 */
export async function setMtimeExactly(handle: FileHandle, mtimeNs: string): Promise<void> {
  await setMtime(handle, mtimeNs);
  if ((await handle.stat({ bigint: true })).mtimeNs.toString() === mtimeNs) return;
  const ours = `/proc/${process.pid}/fd/${handle.fd}`;
  try {
    await run("touch", ["--no-create", "-m", `--date=@${secondsText(mtimeNs)}`, ours]);
  } catch {
    // No touch, or one that cannot do this: a tenth of a microsecond is no reason to refuse a restore.
  }
}

function secondsText(mtimeNs: string): string {
  const ns = BigInt(mtimeNs);
  const seconds = ns >= 0n ? ns / 1_000_000_000n : (ns - 999_999_999n) / 1_000_000_000n;
  return `${seconds}.${(ns - seconds * 1_000_000_000n).toString().padStart(9, "0")}`;
}
