import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { generatePictures } from "./generate-pictures.ts";
import { PICTURE_KINDS } from "./picture-kind.ts";

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pictures-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("generatePictures", () => {
  it("writes every kind in turn as a JPEG of the size it reports", async () => {
    const pictures = await generatePictures({ folder, seed: 5, count: 17 });
    expect(pictures.map(({ kind }) => kind)).toEqual([
      ...PICTURE_KINDS,
      ...PICTURE_KINDS,
      PICTURE_KINDS[0],
    ]);
    expect((await readdir(folder)).sort()).toEqual(pictures.map(({ name }) => name).sort());
    for (const { name, bytes, width, height } of pictures) {
      const content = await readFile(join(folder, name));
      expect(content.byteLength).toBe(bytes);
      expect(readJpegSize(content)).toEqual({ width, height });
    }
  });

  it("writes the same bytes whatever the concurrency", async () => {
    const alone = await generatePictures({
      folder: join(folder, "alone"),
      seed: 6,
      count: 12,
      concurrency: 1,
    });
    await generatePictures({
      folder: join(folder, "together"),
      seed: 6,
      count: 12,
      concurrency: 6,
    });
    for (const { name } of alone) {
      const one = await readFile(join(folder, "alone", name));
      expect(one.equals(await readFile(join(folder, "together", name)))).toBe(true);
    }
  });

  it("draws only the kinds that it was asked for", async () => {
    const pictures = await generatePictures({
      folder,
      seed: 7,
      count: 5,
      kinds: ["target", "fish"],
    });
    expect(pictures.map(({ name }) => name)).toEqual([
      "target-00000.jpg",
      "fish-00000.jpg",
      "target-00001.jpg",
      "fish-00001.jpg",
      "target-00002.jpg",
    ]);
  });
});

/** Reads the frame header of a baseline JPEG: marker FFC0, length, precision, height, width. */
function readJpegSize(content: Buffer): { width: number; height: number } {
  expect(content.subarray(0, 3).toString("hex")).toBe("ffd8ff");
  const frame = content.indexOf(Buffer.from([0xff, 0xc0, 0x00, 0x11, 0x08]));
  return { height: content.readUInt16BE(frame + 5), width: content.readUInt16BE(frame + 7) };
}
