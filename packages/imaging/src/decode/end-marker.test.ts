import sharp from "sharp";
import { expect, test } from "vitest";
import { isTruncated } from "./end-marker.ts";

const picture = sharp({ create: { width: 40, height: 30, channels: 3, background: "teal" } });
const whole = {
  jpeg: await picture.clone().jpeg().toBuffer(),
  png: await picture.clone().png().toBuffer(),
  gif: await picture.clone().gif().toBuffer(),
  webp: await picture.clone().webp().toBuffer(),
};
const formats = ["jpeg", "png", "gif", "webp"] as const;

test.each(formats)("a whole %s is not truncated, also with bytes behind its end", (format) => {
  expect(isTruncated(whole[format], format)).toBe(false);
  const followed = Buffer.concat([whole[format], Buffer.from("<?php ?>")]);
  expect(isTruncated(followed, format)).toBe(false);
});

test.each(formats)("a %s cut in half is truncated", (format) => {
  expect(isTruncated(whole[format].subarray(0, whole[format].length / 2), format)).toBe(true);
});

test("the end of a thumbnail in the metadata is not the picture's", () => {
  const thumbnail = Buffer.concat([
    Buffer.from([0xff, 0xe1, 0, 8]),
    Buffer.from("abcd\xff\xd9", "latin1"),
  ]);
  const cut = Buffer.concat([whole.jpeg.subarray(0, 2), thumbnail, whole.jpeg.subarray(2, -20)]);
  expect(isTruncated(cut, "jpeg")).toBe(true);
});
