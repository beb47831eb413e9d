import { describe, expect, test } from "vitest";
import { makeUpload } from "./make-upload.ts";

const house = { kind: "house", index: 0 } as const;
const SEED = 7;

describe("a sample upload", () => {
  test("is the same bytes every time it is made", async () => {
    const recipe = { make: "picture", format: "jpeg", of: house } as const;
    const [first, second] = await Promise.all([makeUpload(recipe, SEED), makeUpload(recipe, SEED)]);
    expect(Buffer.from(first).equals(second)).toBe(true);
  });

  test("that was cut off begins like the whole one and lacks its end", async () => {
    const whole = await makeUpload({ make: "picture", format: "jpeg", of: house }, SEED);
    const cut = await makeUpload({ make: "truncated-jpeg", of: house, keepFraction: 0.5 }, SEED);
    expect(Buffer.from(whole.subarray(0, cut.length)).equals(cut)).toBe(true);
    expect(cut.length).toBe(Math.floor(whole.length / 2));
  });

  test("that lies on its side says so in its EXIF tag", async () => {
    const turned = await makeUpload({ make: "turned-jpeg", of: house }, SEED);
    expect(Buffer.from(turned).includes("Exif")).toBe(true);
  });

  test("that is animated is a GIF", async () => {
    const gif = await makeUpload({ make: "animated-gif", frames: [house, house] }, SEED);
    expect(Buffer.from(gif.subarray(0, 6)).toString("latin1")).toBe("GIF89a");
  });

  test("that is huge when decoded is small as a file and states its size", async () => {
    const png = Buffer.from(
      await makeUpload({ make: "blank-png", width: 16_000, height: 9000 }, SEED),
    );
    expect(png.length).toBeLessThan(100_000);
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([16_000, 9000]);
  });
});
