import { decodeObjectPath } from "@sluice/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogRecord } from "../format/log-record.ts";
import { logRecord } from "../testing/log-record.ts";
import { createPathMap } from "./path-map.ts";
import { cleanTarget } from "./request-path.ts";
import { judgeUpload } from "./upload-judge.ts";

const RULES = {
  uris: createPathMap([
    { prefix: "/dav/", to: "" },
    { prefix: "/dav/deep", to: "other/place" },
    { prefix: "/up", to: "" },
  ]),
  files: createPathMap([{ prefix: "/srv/uploads", to: "" }]),
  maxNames: 4,
};

const judge = (change: Partial<LogRecord>) => judgeUpload(logRecord(change), RULES);

test.each<[string, Partial<LogRecord>, object]>([
  [
    "nginx stored it: its own file name counts, not the address",
    { file: "/srv/uploads/in/a.jpg", path: "/x/a.jpg", target: "/y" },
    { rule: "file", objects: ["in/a.jpg"], isCertain: true },
  ],
  [
    "in front of an application that file name is only what the client asked for",
    {
      method: "POST",
      file: "/srv/uploads/avatar.jpg",
      upstreamStatus: "200",
      target: "/upload/avatar.jpg",
      status: 200,
    },
    { kind: "ignored", reason: "no-name" },
  ],
  [
    "an application names what it stored",
    { method: "POST", status: 200, upstreamStatus: "200", uploadPaths: "2026/a%20b.jpg, c.png" },
    { rule: "upload-header", objects: ["2026/a b.jpg", "c.png"] },
  ],
  [
    "post-redirect-get is a success",
    {
      method: "POST",
      status: 303,
      upstreamStatus: "303",
      location: "http://169.254.169.254/dav/x.jpg?y#z",
    },
    { rule: "location", objects: ["x.jpg"] },
  ],
  ["nginx's own redirect stores nothing", { method: "POST", status: 301 }, { reason: "status" }],
  [
    "MOVE names its destination, on whatever host",
    { method: "MOVE", status: 204, destination: "http://evil.example/dav/new.jpg" },
    { rule: "destination", objects: ["new.jpg"] },
  ],
  [
    "COPY without a destination in the log",
    { method: "COPY" },
    { kind: "unnamed", isCertain: true },
  ],
  [
    "a directory was moved",
    { method: "MOVE", destination: "/dav/album/" },
    { rule: "destination", objects: [], needsListing: true },
  ],
  [
    "the longest prefix counts",
    { upstreamStatus: null, target: "/dav/deep/a.jpg" },
    { rule: "uri", objects: ["other/place/a.jpg"] },
  ],
  [
    "a prefix ends where a name ends",
    { upstreamStatus: null, target: "/upload/a.jpg" },
    { rule: "uri", objects: [], refusals: ["unmapped"] },
  ],
  [
    "an absolute address in the request line",
    { upstreamStatus: null, target: "http://evil.example/dav/abs.jpg" },
    { objects: ["abs.jpg"] },
  ],
  [
    "decoded once",
    { upstreamStatus: null, target: "/dav/%252e%252e%252fx" },
    { objects: ["%252e%252e%252fx"] },
  ],
  [
    "the client left",
    { status: 499, target: "/dav/a.jpg", upstreamStatus: null },
    { isCertain: false, objects: ["a.jpg"] },
  ],
  [
    "the client left a form",
    { method: "POST", status: 499, target: "/form" },
    { kind: "unnamed", isCertain: false },
  ],
  ["refused", { status: 413 }, { reason: "status" }],
  [
    "aborted, and nginx stores nothing then",
    { status: 400, isComplete: false },
    { reason: "status" },
  ],
  [
    "aborted, and an application may have gone on",
    {
      method: "POST",
      status: 408,
      isComplete: false,
      upstreamStatus: "502, 200",
      target: "/dav/a.jpg",
    },
    { isCertain: false, objects: ["a.jpg"] },
  ],
  ["reading is no upload", { method: "GET", status: 200 }, { reason: "method" }],
  [
    "a body file below the root",
    { method: "POST", status: 200, bodyFile: "/srv/uploads/body/0000000001" },
    { rule: "body-file", objects: ["body/0000000001"] },
  ],
  [
    "of a form the body file is no picture",
    {
      method: "POST",
      status: 200,
      bodyFile: "/srv/uploads/body/1",
      contentType: "multipart/form-data; boundary=x",
    },
    { reason: "no-name" },
  ],
  [
    "more names than are looked at",
    { method: "POST", upstreamStatus: "200", uploadPaths: "a,b,c,d,e" },
    { objects: ["a", "b", "c", "d"], refusals: ["too-many"], needsListing: true },
  ],
])("%s", (_, change, expected) => {
  expect(judge(change)).toMatchObject(expected);
});

/** Ways up and other tricks, in every spelling, between ordinary names. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "..",
        "%2e%2e",
        ".%2E",
        "%252e%252e",
        "%2f",
        "//",
        "\\",
        "%5c",
        "%00",
        "...",
        ".",
        "%",
        "%zz",
        "\u00FF",
        "%ff",
      ),
      fc.constantFrom("a", "b.jpg", "dav", "up"),
    ),
    { maxLength: 12 },
  )
  .map((parts) => `/dav/${parts.join("/")}`);

test("no spelling of a path leads out of the root", () => {
  fc.assert(
    fc.property(
      hostile,
      fc.constantFrom("target", "destination", "location", "uploadPaths", "file", "bodyFile"),
      (text, where) => {
        const finding = judge({
          method: where === "destination" ? "MOVE" : "PUT",
          [where]: text,
          upstreamStatus: where === "file" ? "" : "200",
        });
        for (const object of finding.kind === "upload" ? finding.objects : []) {
          const parts = decodeObjectPath(object).toString("latin1").split("/");
          expect(parts).not.toContain("..");
          expect(parts).not.toContain("");
          expect(parts.join("")).not.toContain("\0");
        }
      },
    ),
  );
});

test("any file's bytes, percent-encoded below a prefix, are that file", () => {
  const name = fc
    .uint8Array({ minLength: 1, maxLength: 30 })
    .map((bytes) => Buffer.from(bytes).toString("latin1"))
    .filter((text) => !/[/\0]/u.test(text) && text !== "." && text !== "..");
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const path = names.join("/");
      const encoded = path.replace(
        /[^/]/gu,
        (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
      );
      const clean = cleanTarget(`/up/${encoded}?q=/..`);
      const mapped = "path" in clean ? RULES.uris(clean.path) : clean;
      expect("path" in mapped && decodeObjectPath(mapped.path).toString("latin1")).toBe(path);
    }),
  );
});

test("a path that no file can have is refused", () => {
  expect(cleanTarget(`/dav/${"a".repeat(5000)}`)).toEqual({ refusal: "too-long" });
  expect(cleanTarget("/dav/../../etc/passwd")).toEqual({ refusal: "outside" });
  expect(cleanTarget("/dav/%00")).toEqual({ refusal: "nul" });
  expect(cleanTarget("*")).toEqual({ refusal: "no-path" });
});
