import { mkdir, open, rename, stat, utimes, writeFile, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Arrival } from "./sample-upload.ts";

export interface Delivery {
  /** Absolute path of the file. */
  readonly file: string;
  readonly arrival: Arrival;
  readonly bytes: Uint8Array;
  /** Folder on the same file system that nobody watches. */
  readonly stagingDir: string;
}

const PIECES = 6;
/** Far below the settle time, so that a busy machine does not make two versions of one upload. */
const PAUSE_BETWEEN_PIECES_MS = 40;

/** A file that has been brought to its place. */
export interface DeliveredFile {
  /** Unix milliseconds. */
  readonly completedAtMs: number;
  readonly mode: bigint;
  readonly mtimeNs: bigint;
}

/** Brings an upload to its place as its arrival says. */
export async function deliverUpload(delivery: Delivery): Promise<DeliveredFile> {
  const { file, arrival, bytes } = delivery;
  await mkdir(dirname(file), { recursive: true });
  switch (arrival) {
    case "before-start":
    case "written":
      await writeFile(file, bytes);
      break;
    case "in-pieces":
      await writeInPieces(file, bytes);
      break;
    case "moved-in":
      await moveIn(delivery);
      break;
    default:
      arrival satisfies never;
  }
  const completedAtMs = Date.now();
  // Asked before it settles, so that nobody has taken it yet.
  const { mode, mtimeNs } = await stat(file, { bigint: true });
  return { completedAtMs, mode, mtimeNs };
}

async function writeInPieces(file: string, bytes: Uint8Array): Promise<void> {
  await using handle: FileHandle = await open(file, "wx");
  const size = Math.ceil(bytes.length / PIECES);
  for (let at = 0; at < bytes.length; at += size) {
    await handle.write(bytes.subarray(at, at + size));
    await delay(PAUSE_BETWEEN_PIECES_MS);
  }
}

/** The file keeps the time at which it was made, long before it arrived: age says nothing about arrival. */
async function moveIn({ file, bytes, stagingDir }: Delivery): Promise<void> {
  const staged = join(stagingDir, basename(file));
  await mkdir(stagingDir, { recursive: true });
  await writeFile(staged, bytes);
  const madeAt = new Date("2026-05-04T03:02:01.000Z");
  await utimes(staged, madeAt, madeAt);
  await rename(staged, file);
}
