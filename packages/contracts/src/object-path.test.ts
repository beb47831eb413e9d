import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeObjectPath, encodeObjectPath, objectPathSchema } from "./object-path.ts";

const segment = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .filter((bytes) => !bytes.includes(0) && !bytes.includes(0x2f))
  .filter((bytes) => ![".", ".."].includes(Buffer.from(bytes).toString("latin1")));
const pathBytes = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((parts) =>
    Buffer.from(parts.map((p) => Buffer.from(p).toString("latin1")).join("/"), "latin1"),
  );

describe("an object path", () => {
  test("gives back every byte of a file name, also bytes that are not UTF-8", () => {
    fc.assert(
      fc.property(pathBytes, (bytes) => {
        const path = encodeObjectPath(bytes);
        expect(decodeObjectPath(path).equals(bytes)).toBe(true);
        expect(objectPathSchema.parse(path)).toBe(path);
      }),
    );
  });

  test("is readable: ordinary UTF-8 stands as it is", () => {
    expect(encodeObjectPath(Buffer.from("фото/кот 1.jpg"))).toBe("фото/кот 1.jpg");
  });

  test("writes newlines, percent signs and broken bytes as %XX", () => {
    const bytes = Buffer.concat([Buffer.from("a\n100%"), Buffer.from([0xff]), Buffer.from(".jpg")]);
    expect(encodeObjectPath(bytes)).toBe("a%0A100%25%FF.jpg");
  });

  test.each([
    "/etc/passwd",
    "../up",
    "a/../b",
    "a//b",
    ".",
    "",
    "a/./b",
    "%2E%2E/b",
    "a\nb",
    "a%2Fb",
  ])("refuses %j", (text) => {
    expect(objectPathSchema.safeParse(text).success).toBe(false);
  });
});
