import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { runSluice as sluice } from "../testing/run-sluice.ts";

const LOG = [
  '192.0.2.1 - - [23/Nov/2026:03:43:02 +0000] "PUT /dav/there.jpg HTTP/1.1" 201 0 "-" "curl"',
  '192.0.2.1 - - [23/Nov/2026:03:43:03 +0000] "PUT /dav/gone%1B[2J.jpg HTTP/1.1" 204 0 "-" "curl"',
  '192.0.2.1 - - [23/Nov/2026:03:43:04 +0000] "GET /dav/there.jpg HTTP/1.1" 200 0 "-" "curl"',
  '192.0.2.1 - - [23/Nov/2026:03:43:05 +0000] "PUT /dav/../../etc/passwd HTTP/1.1" 201 0 "-" "curl"',
  '192.0.2.1 - - [23/Nov/2026:03:43:06 +0000] "POST /form HTTP/1.1" 499 0 "-" "curl"',
  "\u001B[31mnot a line of this format\u009B PUT",
];
let cwd = "";

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sluice-explain-"));
  await mkdir(join(cwd, "uploads"));
  await writeFile(join(cwd, "uploads/there.jpg"), "12345");
  const text = Buffer.from(`${LOG.join("\n")}\n`, "latin1");
  await writeFile(join(cwd, "access.log"), text);
  await writeFile(join(cwd, "access.log.2.gz"), gzipSync(text));
});

const OPTIONS = ["--format", "combined", "--folder", "uploads", "--uri", "/dav/="];

test("every line is explained, with what it names and whether that is there; hostile lines are escaped", async () => {
  const { code, stdout, stderr } = await sluice(
    ["nginx", "explain", "access.log", ...OPTIONS],
    cwd,
  );
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines).toHaveLength(LOG.length);
  expect(lines[0]).toMatch(/^1.*upload.*PUT 201.*by uri.*there\.jpg \(is there, 5 bytes\)$/u);
  expect(lines[1]).toMatch(/gone%1B\[2J\.jpg \(is not there\)$/u);
  expect(lines[2]).toMatch(/ignored.*GET 200.*this method stores nothing$/u);
  expect(lines[3]).toMatch(/upload.*a name is refused: outside$/u);
  expect(lines[4]).toMatch(/maybe.*POST 499.*nothing names it: the root is listed$/u);
  expect(lines[5]).toMatch(/other-format/u);
  // oxlint-disable-next-line no-control-regex -- none may be there
  expect(stdout).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/u);
  expect(stderr).toContain("6 lines: 3 upload, 1 ignored, 1 maybe, 1 other-format");
});

test("a compressed log is read as well, as JSON, and without what is no upload", async () => {
  const args = ["nginx", "explain", "access.log.2.gz", ...OPTIONS, "--json", "--uploads"];
  const { code, stdout } = await sluice(args, cwd);
  expect(code).toBe(0);
  const objects = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { line?: number });
  expect(objects.map(({ line }) => line)).toEqual([1, 2, 4, 5, 6, undefined]);
  expect(objects[0]).toMatchObject({
    verdict: "upload",
    rule: "uri",
    method: "PUT",
    status: 201,
    objects: [{ path: "there.jpg", found: "is there, 5 bytes" }],
  });
  expect(objects.at(-1)).toEqual({
    summary: { lines: 6, upload: 3, ignored: 1, maybe: 1, "other-format": 1 },
  });
});

test("without options the source of the configuration that reads the log is taken", async () => {
  const config = {
    version: 1,
    roots: { uploads: { folder: "uploads" } },
    sources: [
      {
        name: "web",
        kind: "nginx-log",
        root: "uploads",
        logs: ["access.log"],
        format: "combined",
        uris: [{ prefix: "/dav" }],
      },
    ],
    ensembles: { default: { members: [{ model: "m" }] } },
    policies: { default: { mode: "sweep", forbidden: [] } },
  };
  await writeFile(join(cwd, "site.yaml"), JSON.stringify(config));
  const args = ["nginx", "explain", "--config", "site.yaml", "--json"];
  const { code, stdout } = await sluice([...args, "access.log.2.gz"], cwd);
  expect([code, stdout.includes('"path":"there.jpg","found":"is there')]).toEqual([0, true]);
  expect(await sluice([...args, "access.log", "--source", "other"], cwd)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("known are web"),
  });
});

test("a log that is not there, and a format that cannot be used, are told", async () => {
  expect(await sluice(["nginx", "explain", "none.log", ...OPTIONS], cwd)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("none.log cannot be read"),
  });
  const args = [
    "nginx",
    "explain",
    "access.log",
    "--format",
    "log_format x escape=none '$status';",
  ];
  expect(await sluice(args, cwd)).toMatchObject({
    code: 78,
    stderr: expect.stringContaining("escape=none lets a client write"),
  });
});
