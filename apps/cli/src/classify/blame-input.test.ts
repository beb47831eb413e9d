import { DecoderStuckError } from "@sluice/imaging";
import { expect, test } from "vitest";
import { blameInput } from "./blame-input.ts";

const input = { name: "uploads/a\nb.jpg", path: "/uploads/a\nb.jpg" };

test("a picture in which the decoder is stuck is named, harmlessly", () => {
  const stuck = new DecoderStuckError("the decoder does not answer after 30000 ms");
  expect(blameInput(stuck, input)).toMatchObject({
    code: "PICTURE_STUCK",
    exitCode: 1,
    message: expect.stringMatching(/^uploads\/a\\u\{a\}b\.jpg: the decoder does not answer/u),
  });
});

test("whatever else goes wrong is no picture's fault", () => {
  const bug = new TypeError("a bug");
  expect(blameInput(bug, input)).toBe(bug);
  const stuck = new DecoderStuckError("stuck");
  expect(blameInput(stuck, undefined)).toBe(stuck);
});
