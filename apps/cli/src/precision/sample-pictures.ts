import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { sha256Schema, type Sha256 } from "@sluice/contracts";
import type { PictureSample } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { listPictures } from "../pictures/list-pictures.ts";
import type { Pixels } from "../pictures/picture-model.ts";

export interface SampleRequest {
  readonly folder: string;
  readonly heldOutPictures: number;
  readonly calibrationPictures: number;
  /** Pixels as the model takes them, null for what is no picture. */
  readonly prepare: (path: string) => Promise<Pixels | null>;
  readonly onProgress: (done: number, total: number) => void;
}

export interface Samples {
  readonly heldOut: PictureSample;
  readonly calibration: PictureSample;
  /** Files that could not be decoded, of those that were tried. */
  readonly unreadable: number;
}

/**
 * Draws two samples that have no picture in common. The order is that of the files' SHA-256, so it depends on neither names
 * nor places; of equal files one is taken. The held-out pictures come first: they stay the same when more or fewer are
 * calibrated on.
 *
 * @throws CliError PICTURES_UNREADABLE, PICTURES_TOO_FEW
 */
export async function samplePictures(request: SampleRequest): Promise<Samples> {
  const total = request.heldOutPictures + request.calibrationPictures;
  const taken: { readonly digest: Sha256; readonly pixels: Pixels }[] = [];
  let unreadable = 0;
  for (const [digest, path] of await orderByContent(request.folder)) {
    if (taken.length === total) break;
    const pixels = await request.prepare(path);
    if (pixels === null) unreadable += 1;
    else taken.push({ digest, pixels });
    request.onProgress(taken.length, total);
  }
  if (taken.length < total) throw tooFew(request, { found: taken.length, unreadable });
  return {
    heldOut: toSample(taken.slice(0, request.heldOutPictures)),
    calibration: toSample(taken.slice(request.heldOutPictures)),
    unreadable,
  };
}

async function orderByContent(folder: string): Promise<readonly (readonly [Sha256, string])[]> {
  const byDigest = new Map<Sha256, string>();
  for (const { path } of await listPictures(folder)) {
    const digest = sha256Of(await readFile(path));
    if (!byDigest.has(digest)) byDigest.set(digest, path);
  }
  return [...byDigest].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function toSample(
  pictures: readonly { readonly digest: Sha256; readonly pixels: Pixels }[],
): PictureSample {
  return {
    pixels: pictures.map(({ pixels }) => pixels),
    digest: sha256Of(pictures.map(({ digest }) => digest).join("")),
  };
}

function sha256Of(content: string | Uint8Array): Sha256 {
  return sha256Schema.parse(createHash("sha256").update(content).digest("hex"));
}

function tooFew(
  { folder, heldOutPictures, calibrationPictures }: SampleRequest,
  { found, unreadable }: { found: number; unreadable: number },
): CliError {
  const needed =
    calibrationPictures === 0
      ? `${heldOutPictures} to compare on (--held-out)`
      : `${calibrationPictures} to calibrate on (--calibration-pictures) and ${heldOutPictures} others to compare on (--held-out)`;
  return new CliError(
    "PICTURES_TOO_FEW",
    `${folder} holds ${found} different pictures (${unreadable} files could not be decoded), expected ${needed}; add pictures, or lower these numbers`,
    { exitCode: EXIT_CODE.configuration },
  );
}
