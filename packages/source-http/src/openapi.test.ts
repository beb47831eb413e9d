import { createHash } from "node:crypto";
import SwaggerParser from "@apidevtools/swagger-parser";
import { newUploadId } from "@sluice/sources";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { z } from "zod";
import { describeApi } from "./openapi.ts";
import { LIMITS, openApi, type OpenedApi } from "./testing/open-api.ts";
import { uploadReportSchema } from "./upload-report.ts";

const KEY = "k".repeat(40);
const keys = [
  {
    name: "app",
    sha256: createHash("sha256").update(KEY).digest("hex"),
    scopes: ["classify", "scan", "reference"] as const,
    perMinute: 1000,
  },
];

const describedSchema = z.object({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
        responses: z.record(
          z.string(),
          z.object({ content: z.record(z.string(), z.object({ schema: z.unknown() })).optional() }),
        ),
      }),
    ),
  ),
});

/** The document that a server serves, as a judge of what it answers. */
class Description {
  readonly #document: z.infer<typeof describedSchema>;
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });

  private constructor(document: unknown) {
    this.#document = describedSchema.parse(document);
    this.#ajv.addSchema({ ...(document as object), $id: "api" });
  }

  static async fetch({ url }: OpenedApi): Promise<Description> {
    return new Description(await (await fetch(`${url}/openapi.json`)).json());
  }

  get paths() {
    return this.#document.paths;
  }

  accepts(schema: string, value: unknown): boolean {
    return this.#ajv.validate({ $ref: `api#/components/schemas/${schema}` }, value);
  }

  /** What of an answer is not as the document says; null: nothing. */
  async objection(path: string, method: string, response: Response): Promise<string | null> {
    const told = this.paths[path]?.[method]?.responses[response.status];
    if (told === undefined) return `${response.status} is not described`;
    const body = await response.text();
    if (told.content === undefined) return body === "" ? null : "has a body";
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const content = told.content[type];
    if (content === undefined) return `${response.status} as ${type} is not described`;
    const schema = JSON.parse(JSON.stringify(content.schema).replaceAll('"#/', '"api#/'));
    if (this.#ajv.validate(schema, JSON.parse(body))) return null;
    return `${response.status}: ${this.#ajv.errorsText()} in ${body}`;
  }
}

const image = (text: string): RequestInit => ({
  method: "POST",
  headers: { "content-type": "image/jpeg", "x-api-key": KEY },
  body: text,
});
const json = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json", "x-api-key": KEY },
  body: JSON.stringify(body),
});
function form(...texts: readonly string[]): RequestInit {
  const body = new FormData();
  for (const [i, text] of texts.entries()) body.append("image", new Blob([text]), `${i}.jpg`);
  return { method: "POST", headers: { "x-api-key": KEY }, body };
}
const base64 = Buffer.from("good").toString("base64");

test("the document is valid OpenAPI, and names exactly the routes that there are", async () => {
  const { url } = await openApi({ keys });
  const parsed = await SwaggerParser.validate(`${url}/openapi.json`, {
    resolve: { http: { safeUrlResolver: false } },
  });
  expect(Object.keys(parsed.paths ?? {}).toSorted()).toEqual([
    "/classify",
    "/health",
    "/openapi.json",
    "/predict",
    "/v1/classify",
    "/v1/scan",
    "/v1/scan/{root}",
    "/v1/uploads/{id}",
  ]);
  for (const path of Object.keys(parsed.paths ?? {})) {
    const methods = Object.keys(parsed.paths?.[path] ?? {});
    for (const method of methods) {
      const response = await fetch(url + path.replace(/\{\w+\}/u, "x"), {
        method: method.toUpperCase(),
      });
      const body: unknown = await response.json().catch(() => null);
      expect(body).not.toMatchObject({ code: "ROUTE_UNKNOWN" });
    }
  }
});

test("every answer is one that the document describes: status, type, and each field", async () => {
  const api = await openApi({ keys, limits: { ...LIMITS, maxWaitMs: 100 } });
  const description = await Description.fetch(api);
  const statuses = new Map<string, Set<number>>();
  const check = async (path: string, init: RequestInit, question = "") => {
    const method = (init.method ?? "GET").toLowerCase();
    const response = await fetch(
      api.url + path.replace("{id}", newUploadId()).replace("{root}", "uploads") + question,
      init,
    );
    statuses.set(path, (statuses.get(path) ?? new Set()).add(response.status));
    expect(await description.objection(path, method, response)).toBeNull();
  };
  const uploads = [image("good"), image("bad"), image("odd"), image("slow"), image("")];
  const forms = [form("good"), form("good", "bad", "x".repeat(LIMITS.maxBytes + 1)), form()];
  const jsons = [{ image: base64 }, { images: [base64, base64] }, { image: "§" }, { other: 1 }];
  const references = [
    { root: "uploads", path: "a.jpg" },
    { root: "uploads", path: "none.jpg" },
  ];
  for (const path of ["/v1/classify", "/v1/scan", "/predict", "/classify"]) {
    for (const init of [...uploads, ...forms, ...jsons.map(json), ...references.map(json)]) {
      await check(path, init, path === "/v1/classify" ? "?wait=100" : "");
    }
    await check(path, image("x".repeat(LIMITS.maxBytes + 1)));
    await check(path, { ...image("x"), headers: { "x-api-key": KEY, "content-type": "a/b" } });
    await check(path, { method: "POST", body: "x" });
    api.desk.isFull = true;
    await check(path, image("good"));
    api.desk.isFull = false;
  }
  await check("/v1/classify", image("good"), "?wait=soon");
  const sent = await fetch(`${api.url}/v1/classify`, image("slow"));
  const { id } = uploadReportSchema.parse(await sent.json());
  const mine = { headers: { "x-api-key": KEY } };
  await check("/v1/uploads/{id}", mine);
  await check("/v1/uploads/{id}", mine, "?top=0");
  await check("/v1/uploads/{id}", {});
  const pending = await fetch(`${api.url}/v1/uploads/${id}`, mine);
  expect(await description.objection("/v1/uploads/{id}", "get", pending)).toBeNull();
  for (const name of ["a.jpg", "none.jpg", "../a.jpg"]) {
    const headers = { "x-api-key": KEY, "x-sluice-path": name };
    await check("/v1/scan/{root}", { headers });
  }
  await check("/health", {});
  await check("/openapi.json", {});
  expect([...(statuses.get("/v1/classify") ?? [])].toSorted((a, b) => a - b)).toEqual([
    200, 202, 400, 401, 404, 413, 415, 422, 503,
  ]);
  expect([...(statuses.get("/v1/scan") ?? [])]).toEqual(expect.arrayContaining([204, 406, 503]));
});

test("what the document says of JSON in requests is what is taken", async () => {
  const api = await openApi({ keys });
  const description = await Description.fetch(api);
  const bodies: readonly unknown[] = [
    { image: base64 },
    { images: [base64] },
    { root: "uploads", path: "a.jpg" },
    { image: "" },
    { images: [] },
    { image: base64, more: 1 },
    { root: "Uploads", path: "a.jpg" },
    { root: "uploads" },
    [],
    "text",
    null,
  ];
  for (const body of bodies) {
    const response = await fetch(`${api.url}/v1/classify?wait=100`, json(body));
    expect([body, response.ok]).toEqual([body, description.accepts("JsonUpload", body)]);
  }
});

test("without keys the document asks for none", () => {
  const document = describeApi({ keys: [], refusalStatus: 403 });
  expect(document).not.toHaveProperty("security");
  expect(Object.keys(document.paths["/v1/scan"].post.responses)).toContain("403");
});
