import sharp from "sharp";
import { expect, test } from "vitest";
import { encodeTiff } from "./encode-tiff.ts";

test.each([588, 589])("the decoder reads pixels and a profile of %i bytes back", async (length) => {
  const { icc } = await sharp({ create: { width: 1, height: 1, channels: 3, background: "red" } })
    .withIccProfile("p3")
    .png()
    .toBuffer()
    .then(async (png) => await sharp(png).metadata());
  const profile = Buffer.concat([icc!, Buffer.alloc(length)]);
  const data = Uint8Array.from({ length: 7 * 5 * 3 }, (_, i) => i * 2);
  const tiff = encodeTiff({ data, width: 7, height: 5 }, profile);
  expect(new Uint8Array(await sharp(tiff, { ignoreIcc: true }).raw().toBuffer())).toEqual(data);
  const metadata = await sharp(tiff).metadata();
  expect(metadata).toMatchObject({ width: 7, height: 5, channels: 3, space: "srgb" });
  expect(metadata.icc).toEqual(profile);
});
