import { encodeObjectPath, objectRefSchema, rootNameSchema } from "@sluice/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { objectKeySchema } from "./object-key.ts";
import { readRequest, signRequest } from "./object-request.ts";

const key = objectKeySchema.parse("k".repeat(32));
const root = rootNameSchema.parse("uploads");
const nowMs = 1_800_000_000_000;
const expiresAtMs = nowMs + 60_000;
const read = (target: string, at = nowMs) =>
  readRequest(target, { key, nowMs: at, maxLifeMs: 300_000 });
const target = signRequest({ root, object: objectOf(Buffer.from("a/b.jpg")), expiresAtMs }, key);

function objectOf(path: Uint8Array) {
  return objectRefSchema.parse({ path: encodeObjectPath(path), version: "1-2-3-4", sizeBytes: 7 });
}

const segment = fc
  .uint8Array({ minLength: 1, maxLength: 20 })
  .filter((bytes) => !bytes.includes(0) && !bytes.includes(0x2f))
  .filter((bytes) => !/^\.{1,2}$/u.test(Buffer.from(bytes).toString("latin1")));

test("whatever bytes a name has, the request that was signed is the one that is read", () => {
  fc.assert(
    fc.property(segment, (bytes) => {
      const request = { root, object: objectOf(bytes), expiresAtMs };
      expect(read(signRequest(request, key))).toEqual({ kind: "granted", ...request });
    }),
  );
});

test("a request for one object gives no other, no other version and no more time", () => {
  const changes = { root: "archive", path: "a/c.jpg", version: "9-9-9-9", size: "8" };
  for (const [name, value] of Object.entries({ ...changes, expires: String(expiresAtMs + 1) })) {
    const url = new URL(target, "http://x");
    url.searchParams.set(name, value);
    expect(read(url.pathname + url.search)).toEqual({ kind: "refused", reason: "signature" });
  }
  const other = objectKeySchema.parse("o".repeat(32));
  const request = { root, object: objectOf(Buffer.from("a/b.jpg")), expiresAtMs };
  expect(read(signRequest(request, other))).toEqual({ kind: "refused", reason: "signature" });
});

test("it expires, and one that would hold for very long is refused at once", () => {
  expect(read(target, expiresAtMs)).toMatchObject({ kind: "granted" });
  expect(read(target, expiresAtMs + 1)).toEqual({ kind: "refused", reason: "expired" });
  expect(read(target, expiresAtMs - 300_001)).toEqual({ kind: "refused", reason: "expired" });
});

test.each([
  "/",
  "/v1/object",
  target.replace("/v1/", "/v2/"),
  target.replace("path=a%2Fb.jpg", "path=..%2Fb.jpg"),
  target.replace("path=a%2Fb.jpg", "path=%2Fetc%2Fpasswd"),
  target.replace("size=7", "size=-1"),
  target.replace(/signature=.*/u, "signature=zz"),
])("%s is no request", (text) => {
  expect(read(text)).toEqual({ kind: "refused", reason: "malformed" });
});

test("a short key is refused with the way to make a good one", () => {
  expect(() => objectKeySchema.parse("secret")).toThrow(/openssl rand -hex 32/u);
});
