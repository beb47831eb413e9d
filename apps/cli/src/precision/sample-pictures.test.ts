import { copyFile, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { samplePictures, type SampleRequest } from "./sample-pictures.ts";

/** A folder of files; what begins with "broken" is no picture. */
async function folderOf(contents: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-samples-"));
  for (const [i, content] of contents.entries()) await writeFile(join(folder, `${i}.jpg`), content);
  return folder;
}

const CONTENTS = Array.from({ length: 12 }, (_, i) => `picture ${i}`);

async function sample(folder: string, change: Partial<SampleRequest> = {}) {
  return await samplePictures({
    folder,
    heldOutPictures: 4,
    calibrationPictures: 6,
    prepare: async (path) => {
      const bytes = await readFile(path);
      return bytes.toString().startsWith("broken") ? null : bytes;
    },
    onProgress: () => undefined,
    ...change,
  });
}

const texts = (pixels: readonly Uint8Array[]): string[] =>
  pixels.map((bytes) => Buffer.from(bytes).toString());

test("the samples have no picture in common and are as large as asked for", async () => {
  const { heldOut, calibration } = await sample(await folderOf(CONTENTS));
  const all = texts([...heldOut.pixels, ...calibration.pixels]);
  expect([heldOut.pixels.length, calibration.pixels.length]).toEqual([4, 6]);
  expect(new Set(all).size).toBe(10);
});

test("names, places and copies of the same pictures change nothing", async () => {
  const first = await folderOf(CONTENTS);
  const second = await folderOf(CONTENTS.toReversed());
  await mkdir(join(second, "below"));
  await copyFile(join(second, "3.jpg"), join(second, "below", "copy.jpg"));
  const samples = [await sample(first), await sample(second)];
  expect(samples[0]).toEqual(samples[1]);
});

test("the held-out pictures stay the same when others are calibrated on", async () => {
  const folder = await folderOf(CONTENTS);
  const [few, none] = [
    await sample(folder, { calibrationPictures: 3 }),
    await sample(folder, { calibrationPictures: 0 }),
  ];
  expect(few.heldOut).toEqual(none.heldOut);
  expect(none.calibration.pixels).toEqual([]);
});

describe("files that are no pictures", () => {
  test("are left out and counted", async () => {
    const broken = Array.from({ length: 12 }, (_, i) => `broken ${i}`);
    const samples = await sample(await folderOf([...broken, ...CONTENTS]));
    expect(samples.unreadable).toBeGreaterThan(0);
    const taken = texts([...samples.heldOut.pixels, ...samples.calibration.pixels]);
    expect(taken.filter((content) => !CONTENTS.includes(content))).toEqual([]);
    expect(taken.length).toBe(10);
  });

  test("do not count as pictures; copies neither", async () => {
    const folder = await folderOf(["broken", "broken too", "a", "a", "b"]);
    await expect(sample(folder)).rejects.toMatchObject({
      code: "PICTURES_TOO_FEW",
      message: expect.stringMatching(
        /holds 2 different pictures \(2 files could not be decoded\), expected 6 to calibrate on \(--calibration-pictures\) and 4 others to compare on \(--held-out\)/u,
      ),
    });
  });
});
