import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { printLine } from "../testing/print-line.ts";
import { directiveOf } from "./known-formats.ts";
import { compileLineFormat } from "./line-format.ts";
import { LogFormatError } from "./log-format-error.ts";

const UPLOAD_HEADER = { uploadHeader: "X-Upload-Path" };
const TABBED =
  "log_format tabbed '$request_method\t$status\t$uri\t$http_destination\t$upstream_http_x_upload_path';";
const compile = (format: string) => compileLineFormat(directiveOf(format), UPLOAD_HEADER);

/** What a client may send: any bytes, often those that could end a value. */
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(...'"\\ []{},:-\n\t\u0000xnHTTP/1.1 201 PUT'.split("")),
      fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    ),
    { maxLength: 40 },
  )
  .map((chars) => chars.join(""));
const method = fc.constantFrom("PUT", "POST", "MOVE");
const status = fc.constantFrom("201", "204", "499");

function field(format: string, variable: string) {
  return fc.property(bytes, bytes, method, status, (value, other, verb, code) => {
    const values = new Map([
      ["request_method", verb],
      ["status", code],
      ["remote_user", other],
      ["http_user_agent", other],
      ["http_referer", other],
      ["time_local", "23/Nov/2026:03:43:02 +0000"],
      ["remote_addr", "192.0.2.1"],
      ["body_bytes_sent", "0"],
      ["request", `${verb} /a HTTP/1.1`],
      [variable, value],
    ]);
    const line = printLine(directiveOf(format), values);
    expect(line).not.toContain("\n");
    const record = compile(format).parse(line);
    expect(record).toMatchObject({ method: verb, status: Number(code) });
  });
}

test("whatever a client sends, a line of the recommended format gives back exactly that and nothing else changes", () => {
  fc.assert(field("sluice", "uri"));
  fc.assert(
    fc.property(bytes, bytes, (path, agent) => {
      const values = new Map([
        ["status", "201"],
        ["request_method", "PUT"],
        ["uri", path],
        ["http_user_agent", agent],
        ["http_destination", agent],
      ]);
      const record = compile("sluice").parse(printLine(directiveOf("sluice"), values));
      expect(record).toMatchObject({ path, destination: agent, status: 201, method: "PUT" });
    }),
  );
});

test("neither a user's name nor an agent can forge a line of the combined format", () => {
  fc.assert(field("combined", "none"));
  const format = compile("combined");
  const user = 'a [23/Nov/2026:03:43:02 +0000] "PUT /evil HTTP/1.1" 201 0 "-" "-';
  const values = new Map([
    ["remote_addr", "192.0.2.1"],
    ["remote_user", user],
    ["time_local", "23/Nov/2026:03:43:02 +0000"],
    ["request", "GET / HTTP/1.1"],
    ["status", "401"],
    ["body_bytes_sent", "7"],
  ]);
  expect(format.parse(printLine(directiveOf("combined"), values))).toMatchObject({
    method: "GET",
    status: 401,
    target: "/",
  });
});

test("a tab is as good a border as a quote, and an empty value is written as a dash", () => {
  fc.assert(
    fc.property(bytes, bytes, (path, destination) => {
      fc.pre(path !== "-" && destination !== "-");
      const values = new Map([
        ["request_method", "MOVE"],
        ["status", "204"],
        ["uri", path],
        ["http_destination", destination],
      ]);
      expect(compile(TABBED).parse(printLine(TABBED, values))).toMatchObject({
        path,
        destination,
        uploadPaths: "",
      });
    }),
  );
});

test("names that are not UTF-8 keep their bytes", () => {
  const raw = "\u00FF\u00FEname.jpg";
  const line = printLine(directiveOf("combined"), new Map([["request", `PUT /${raw} HTTP/1.1`]]));
  expect(compile("combined").parse(line)?.target).toBe(`/${raw}`);
});

test("lines that are cut off, foreign or forged by hand are no lines of the format", () => {
  const line = printLine(directiveOf("combined"), new Map([["request", "PUT /a HTTP/1.1"]]));
  const format = compile("combined");
  expect(format.parse(line)).not.toBeNull();
  expect(format.parse(line.slice(0, -1))).toBeNull();
  expect(format.parse(line.slice(3))).toBeNull();
  expect(format.parse(`${line} ${line}`)).toBeNull();
  expect(format.parse("")).toBeNull();
});

test("a hostile line is given up in time that grows with its length only", () => {
  const format = compile("combined");
  const json = compile("sluice");
  const start = performance.now();
  for (let round = 0; round < 20; round++) {
    expect(format.parse(`192.0.2.1 - ${" [1".repeat(20_000)}`)).toBeNull();
    expect(json.parse(`{"v":1,"t":"${"\\\\a".repeat(20_000)}`)).toBeNull();
  }
  expect(performance.now() - start).toBeLessThan(20_000); // seconds would be minutes if it grew with the square
});

test.each([
  ["log_format x escape=none '$request $status';", /escape=none lets a client write whole lines/u],
  ["log_format x escape=html '$request';", /expected escape=default or escape=json/u],
  ["log_format x '$request$status';", /\$request and \$status stand side by side/u],
  ['log_format x \'"$request" $uri"\';', /whether a request succeeded; add "\$status"/u],
  ["log_format x '$status \"$uri\"';", /what kind of request it was; add "\$request"/u],
  ["log_format x '$status $request_method';", /what was uploaded; add "\$uri"/u],
  ["log_format x '$request $status';", /\$request may hold anything, so its end is not certain/u],
  [
    "log_format x '$remote_user $status \"$request\"';",
    /\$remote_user may hold anything, so it can be made to look like \$status/u,
  ],
  [
    "log_format x '$http_a $http_b $http_c $http_d \"$request\" $status';",
    /each may hold anything/u,
  ],
  ["'$request $status'", /expected nginx's whole directive/u],
  ["log_format x '$request $status;", /a quote is not closed/u],
  ["log_format x;", /expected a text, found none/u],
])("refuses %s", (directive, message) => {
  expect(() => compileLineFormat(directive, UPLOAD_HEADER)).toThrow(message);
  expect(() => compileLineFormat(directive, UPLOAD_HEADER)).toThrow(LogFormatError);
});

test("reads a directive as nginx does: comments, several parts, braces, escaped quotes", () => {
  const format = compileLineFormat(
    `log_format  main # ours
       '"\${request}" ' "$status \\"$uri\\""
       $body_bytes_sent ;`,
    UPLOAD_HEADER,
  );
  expect(format.name).toBe("main");
  expect(format.parse('"PUT /a HTTP/1.1" 201 "/a"0')).toMatchObject({ status: 201, path: "/a" });
});

test("the recommended format is the one that ships for nginx", () => {
  const shipped = readFileSync(
    join(import.meta.dirname, "../../../../infra/nginx/sluice-log-format.conf"),
    "utf8",
  );
  expect(shipped).toContain(directiveOf("sluice"));
});
