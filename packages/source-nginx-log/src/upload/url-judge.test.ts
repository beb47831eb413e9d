import { expect, test } from "vitest";
import { logRecord } from "../testing/log-record.ts";
import { createUrlJudge } from "./url-judge.ts";

const judge = createUrlJudge({
  origins: ["https://img.example.org", "http://cdn.example.org:8080/"],
  uris: [
    { prefix: "/media/", url: "https://img.example.org/m" },
    { prefix: "/media/big", url: "http://cdn.example.org:8080/" },
  ],
  maxNames: 3,
});
const post = (change: object) =>
  judge(logRecord({ method: "POST", status: 200, upstreamStatus: "200", ...change }));

test.each<[string, object, object]>([
  [
    "addresses that the application names, of origins on the list",
    { uploadPaths: "https://img.example.org/a.jpg, http://cdn.example.org:8080/b%20c.jpg" },
    {
      rule: "upload-header",
      objects: ["https://img.example.org/a.jpg", "http://cdn.example.org:8080/b%20c.jpg"],
    },
  ],
  [
    "nothing of another origin, scheme or port, and no path without a host",
    { uploadPaths: "http://img.example.org/a.jpg,https://img.example.org:8443/a,rel/a.jpg" },
    { objects: [], refusals: ["unmapped", "unmapped", "unmapped"] },
  ],
  [
    "a Location on the list",
    { status: 201, location: "https://img.example.org/x" },
    { rule: "location", objects: ["https://img.example.org/x"] },
  ],
  [
    "a Location elsewhere counts by its path, through the site's own rules only",
    { status: 303, location: "http://169.254.169.254/media/x%20y.jpg" },
    { rule: "location", objects: ["https://img.example.org/m/x%20y.jpg"] },
  ],
  [
    "the request's path, never its host",
    { method: "PUT", status: 201, target: "http://evil.example/media/big/../big/%C3%A9%3F.jpg" },
    { rule: "uri", objects: ["http://cdn.example.org:8080/%C3%A9%3F.jpg"] },
  ],
  [
    "nothing that leads anywhere",
    { target: "/login", location: "http://evil.example/x" },
    { kind: "ignored", reason: "no-name" },
  ],
  [
    "refused requests",
    { status: 413, location: "https://img.example.org/x" },
    { reason: "status" },
  ],
  ["reading", { method: "GET" }, { reason: "method" }],
])("%s", (_, change, expected) => {
  expect(post(change)).toMatchObject(expected);
});
