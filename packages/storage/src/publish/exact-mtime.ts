import { execFile } from "node:child_process";
import { futimesSync } from "node:fs";
import { promisify } from "node:util";
import type { Descriptor } from "../vault/descriptor.ts";

const run = promisify(execFile);

/**
 * Sets a file's modification time, in nanoseconds since 1970. Node passes times as doubles, which at today's dates
 * are up to 120 ns off.
 */
export function setMtime({ fd }: Descriptor, mtimeNs: string): void {
  futimesSync(fd, new Date(), Number(mtimeNs) / 1e9);
}

/**
 * The same to the last nanosecond, by the `touch` of GNU coreutils; where there is none, as exact as `setMtime`.
 * Starts a process: for restores, not for every upload.
 */
export async function setMtimeExactly(file: Descriptor, mtimeNs: string): Promise<void> {
  setMtime(file, mtimeNs);
  if (file.stat().mtimeNs.toString() === mtimeNs) return;
  const ours = `/proc/${process.pid}/fd/${file.fd}`;
  try {
    await run("touch", ["--no-create", "-m", `--date=@${secondsText(mtimeNs)}`, ours]);
  } catch {
    // No touch, or one that cannot do this: a tenth of a microsecond is no reason to refuse a restore.
  }
}

/** Seconds with nine decimals; before 1970 they count down from the second before. */
function secondsText(mtimeNs: string): string {
  const ns = BigInt(mtimeNs);
  const seconds = ns >= 0n ? ns / 1_000_000_000n : (ns - 999_999_999n) / 1_000_000_000n;
  return `${seconds}.${(ns - seconds * 1_000_000_000n).toString().padStart(9, "0")}`;
}
