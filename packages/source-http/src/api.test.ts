import { createHash } from "node:crypto";
import { SluiceClient, SluiceError } from "@sluice/client";
import { newUploadId } from "@sluice/sources";
import { expect, test } from "vitest";
import { problemSchema } from "./problem.ts";
import { LIMITS, MAX_BYTES, openApi } from "./testing/open-api.ts";
import { batchReportSchema, uploadReportSchema } from "./upload-report.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const asJson = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
const asBytes = (text: string, type = "image/jpeg"): RequestInit => ({
  method: "POST",
  headers: { "content-type": type },
  body: text,
});
function asForm(files: Readonly<Record<string, string>>, field = "image"): RequestInit {
  const form = new FormData();
  for (const [name, text] of Object.entries(files)) form.append(field, new Blob([text]), name);
  return { method: "POST", body: form };
}
async function problemOf(response: Response) {
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/u);
  return problemSchema.parse(await response.json());
}

test.each<[string, RequestInit]>([
  ["the body", asBytes("good")],
  ["bytes of no declared type", asBytes("good", "application/octet-stream")],
  ["a part of a form", asForm({ "a.jpg": "good" })],
  ["a part of another name", asForm({ "a.jpg": "good" }, "file")],
  ["base64", asJson({ image: base64("good") })],
  ["a data URL", asJson({ image: `data:image/png;base64,${base64("good")}` })],
])("an upload may come as %s", async (_, init) => {
  const { url, desk } = await openApi();
  const response = await fetch(`${url}/v1/classify?wait=1000&top=2`, init);
  expect(response.status).toBe(200);
  const report = uploadReportSchema.parse(await response.json());
  expect(report).toMatchObject({
    status: "decided",
    sizeBytes: 4,
    sha256: createHash("sha256").update("good").digest("hex"),
    answer: { decision: "allow", unscannable: null },
  });
  expect(report.answer?.scores).toHaveLength(2);
  expect(desk.received).toEqual(["good"]);
});

test("whoever does not wait gets an address at which to ask, and the answer there", async () => {
  const { url, desk } = await openApi();
  const response = await fetch(`${url}/v1/classify`, asBytes("slow"));
  expect(response.status).toBe(202);
  const { statusUrl, answer } = uploadReportSchema.parse(await response.json());
  expect(answer).toBeNull();
  expect(response.headers.get("location")).toBe(statusUrl);
  expect(await (await fetch(url + statusUrl)).json()).toMatchObject({ status: "pending" });
  const waiting = fetch(`${url}${statusUrl}?wait=2000`);
  await new Promise(setImmediate);
  desk.answerSlow();
  expect(await (await waiting).json()).toMatchObject({
    status: "decided",
    answer: { decision: "allow" },
  });
});

test("a wait ends at its time and at the server's longest, with 202", async () => {
  const { url } = await openApi();
  expect((await fetch(`${url}/v1/classify?wait=50`, asBytes("slow"))).status).toBe(202);
});

test("of several files each has its result; one that is refused costs only itself", async () => {
  const { url, desk, refusals } = await openApi();
  const files = { "a.jpg": "good", "b.jpg": "x".repeat(MAX_BYTES + 1), "c.jpg": "bad" };
  const response = await fetch(`${url}/v1/classify?wait=1000`, asForm(files));
  expect(response.status).toBe(200);
  const { results } = batchReportSchema.parse(await response.json());
  expect(results).toMatchObject([
    { filename: "a.jpg", answer: { decision: "allow" } },
    { filename: "b.jpg", problem: { status: 413, code: "UPLOAD_TOO_LARGE" } },
    { filename: "c.jpg", answer: { decision: "quarantine", rule: { label: "target" } } },
  ]);
  expect(desk.received).toEqual(["good", "bad"]);
  expect(refusals).toEqual(["UPLOAD_TOO_LARGE"]);
  const images = await fetch(
    `${url}/v1/classify?wait=1000`,
    asJson({ images: [base64("good"), base64("bad")] }),
  );
  expect(batchReportSchema.parse(await images.json()).results).toHaveLength(2);
});

test.each<[string, RequestInit, number, string]>([
  ["too large", asBytes("x".repeat(MAX_BYTES + 1)), 413, "UPLOAD_TOO_LARGE"],
  ["empty", asBytes(""), 400, "UPLOAD_EMPTY"],
  ["text", asBytes("hello", "text/plain"), 415, "MEDIA_TYPE_UNSUPPORTED"],
  ["XML", asBytes("<x/>", "application/xml"), 415, "MEDIA_TYPE_UNSUPPORTED"],
  [
    "a compressed body",
    { ...asBytes("x"), headers: { "content-type": "image/png", "content-encoding": "gzip" } },
    415,
    "ENCODING_UNSUPPORTED",
  ],
  ["broken JSON", { ...asJson({}), body: "{" }, 400, "BODY_BROKEN"],
  ["JSON without an image", asJson({ picture: "x" }), 400, "UPLOAD_MISSING"],
  ["base64 that is none", asJson({ image: "§§§" }), 422, "BASE64_INVALID"],
  ["an empty form", asForm({}), 400, "UPLOAD_MISSING"],
  ["too many images", asJson({ images: ["YQ==", "YQ==", "YQ==", "YQ=="] }), 413, "TOO_MANY_PARTS"],
  [
    "a reference without a key for it",
    asJson({ root: "uploads", path: "a.jpg" }),
    404,
    "OBJECT_UNKNOWN",
  ],
])("%s is answered with a problem: %#", async (_, init, status, code) => {
  const { url, refusals } = await openApi();
  const response = await fetch(`${url}/v1/classify`, init);
  expect(response.status).toBe(status);
  expect(await problemOf(response)).toMatchObject({ status, code });
  expect(refusals).toEqual([code]);
});

test("of too many files the first are taken and told, and so is the problem with the others", async () => {
  const { url, desk, refusals } = await openApi();
  const response = await fetch(
    `${url}/v1/classify?wait=1000`,
    asForm({ a: "good", b: "bad", c: "good", d: "good", e: "good" }),
  );
  const { results } = batchReportSchema.parse(await response.json());
  expect(results).toMatchObject([
    { filename: "a", answer: { decision: "allow" } },
    { filename: "b", answer: { decision: "quarantine" } },
    { filename: "c", answer: { decision: "allow" } },
    { filename: null, problem: { status: 413, code: "TOO_MANY_PARTS" } },
  ]);
  expect(desk.received).toHaveLength(3);
  expect(refusals).toEqual(["TOO_MANY_PARTS"]);
});

test("a question that cannot be understood, an upload and a route that are not there", async () => {
  const { url } = await openApi();
  expect(await problemOf(await fetch(`${url}/v1/classify?wait=soon`, asBytes("x")))).toMatchObject({
    code: "QUERY_INVALID",
  });
  for (const id of [newUploadId(), "u..%2F..%2Fetc", "x".repeat(90)]) {
    expect(await problemOf(await fetch(`${url}/v1/uploads/${id}`))).toMatchObject({ status: 404 });
  }
  expect(await problemOf(await fetch(`${url}/v2/anything`))).toMatchObject({
    code: "ROUTE_UNKNOWN",
  });
});

test("when no more uploads may wait, or no more requests, it is 503 with the time to come again", async () => {
  const { url, desk } = await openApi({
    limits: { ...LIMITS, maxRequests: 1 },
  });
  desk.isFull = true;
  const full = await fetch(`${url}/v1/classify`, asBytes("x"));
  expect([full.status, full.headers.get("retry-after")]).toEqual([503, "1"]);
  desk.isFull = false;
  const first = fetch(`${url}/v1/classify?wait=2000`, asBytes("slow"));
  await expect.poll(() => desk.received).toEqual(["slow"]);
  expect(await problemOf(await fetch(`${url}/v1/classify`, asBytes("x")))).toMatchObject({
    status: 503,
    code: "BUSY",
  });
  desk.answerSlow();
  expect((await first).status).toBe(200);
  expect((await fetch(`${url}/v1/classify`, asBytes("x"))).status).toBe(202 - 2); // There is room again.
});

test("JSON, which has to be in memory, has no more of it than it may; bodies that need none go on", async () => {
  const { url, desk } = await openApi({ limits: { ...LIMITS, maxJsonBytesInFlight: 100 } });
  const slow = fetch(
    `${url}/v1/classify?wait=2000`,
    asJson({ image: base64("slow".padEnd(300, "x")) }),
  );
  await expect.poll(() => desk.received).toHaveLength(1); // alone it may be larger
  const second = await fetch(`${url}/v1/classify`, asJson({ image: base64("good") }));
  expect([second.status, second.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await fetch(`${url}/v1/classify?wait=1000`, asBytes("good"))).status).toBe(200);
  desk.answerSlow();
  expect((await slow).status).toBe(200);
  expect((await fetch(`${url}/v1/classify`, asJson({ image: base64("good") }))).status).toBe(200);
});

test("a connection that is used for many requests collects nothing", async () => {
  const { url } = await openApi();
  const warnings: string[] = [];
  const warn = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", warn);
  for (let i = 0; i < 20; i += 1) {
    await (await fetch(`${url}/v1/classify?wait=1000`, asBytes("good"))).json();
  }
  await new Promise((resolve) => setImmediate(resolve)); // warnings are emitted in a later turn
  process.off("warning", warn);
  expect(warnings).toEqual([]);
});

test("a bug tells strangers nothing", async () => {
  const { url, told } = await openApi();
  const response = await fetch(`${url}/v1/classify`, asBytes("bug"));
  expect(response.status).toBe(500);
  expect(JSON.stringify(await problemOf(response))).not.toContain("secret");
  expect(told).toContain("Error: /secret/path: a bug");
});

test("the hook answers about an object by its name, and refuses what two servers might read differently", async () => {
  const key = { ...keys[0]!, scopes: ["scan", "reference"] as const, perMinute: 1000 };
  const { url, desk } = await openApi({ keys: [key] });
  const ask = async (path: string | null, root = "uploads") => {
    const headers = { "x-api-key": KEY, ...(path !== null && { "x-sluice-path": path }) };
    return (await fetch(`${url}/v1/scan/${root}`, { headers })).status;
  };
  expect(await ask("a.jpg")).toBe(204);
  expect(await ask("%61.jp%67")).toBe(204);
  expect(desk.received).toEqual(["referenced", "referenced"]);
  expect([await ask("none.jpg"), await ask("a.jpg", "other"), await ask("a.jpg", "Ä")]).toEqual([
    404, 404, 404,
  ]);
  const ambiguous = [null, "", "/a.jpg", "a.jpg#x", "a.jpg?x", "x/../a.jpg", "x//a.jpg", "./a.jpg"];
  const escaped = ["%2e%2e/a.jpg", "a%2", "a.jpg%00", "a b.jpg", "x%2f..%2fa.jpg", "a\\b"];
  for (const path of [...ambiguous, ...escaped])
    expect([path, await ask(path)]).toEqual([path, 400]);
});

const KEY = "k".repeat(40);
const keys = [
  {
    name: "app",
    sha256: createHash("sha256").update(KEY).digest("hex"),
    scopes: ["classify", "reference"] as const,
    perMinute: 3,
  },
];

test("with keys nobody asks without one, beyond its scopes, or more often than it may", async () => {
  const { url } = await openApi({ keys });
  const send = async (path: string, init: RequestInit, headers: Record<string, string>) =>
    await fetch(url + path, { ...init, headers: { ...(init.headers as object), ...headers } });
  const bearer = { authorization: `Bearer ${KEY}` };
  const none = await send("/v1/classify", asBytes("x"), {});
  expect([none.status, none.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect(
    await problemOf(await send("/v1/classify", asBytes("x"), { "x-api-key": "wrong" })),
  ).toMatchObject({ code: "KEY_UNKNOWN" });
  expect(await problemOf(await send("/v1/scan", asBytes("x"), bearer))).toMatchObject({
    status: 403,
    code: "SCOPE_MISSING",
  });
  const reference = asJson({ root: "uploads", path: "a.jpg" });
  expect((await send("/v1/classify?wait=100", reference, bearer)).status).toBe(200);
  expect((await send("/v1/classify", asBytes("x"), { "x-api-key": KEY })).status).toBe(200);
  const over = await send("/v1/classify", asBytes("x"), bearer);
  expect(over.status).toBe(429);
  expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("the services that people have find their answers under the old names", async () => {
  const { url } = await openApi();
  for (const [path, init] of [
    ["/predict", asForm({ "a.jpg": "bad" })],
    ["/predict", asJson({ image: base64("bad") })],
    ["/classify", asJson({ image: base64("bad") })],
  ] as const) {
    expect(await (await fetch(url + path, init)).json()).toMatchObject({
      prediction: 0,
      predicted_class: 0,
      label: "target",
      confidence: 0.9,
      predictions: [{ class: 0, label: "target", probability: 0.9 }, { class: 1 }, { class: 2 }],
      decision: "quarantine",
    });
  }
  expect(await problemOf(await fetch(`${url}/predict`, asBytes("odd")))).toMatchObject({
    status: 422,
    code: "NOT_SCANNED",
  });
});

test("the hook says yes only to what was allowed", async () => {
  const { url, desk } = await openApi({ refusalStatus: 422 });
  const ask = async (text: string) => {
    const response = await fetch(`${url}/v1/scan`, asBytes(text));
    return [response.status, response.headers.get("x-sluice-decision")];
  };
  expect(await ask("good")).toEqual([204, "allow"]);
  expect(await ask("bad")).toEqual([422, "quarantine"]);
  expect(await ask("odd")).toEqual([422, "review"]);
  const several = await fetch(`${url}/v1/scan`, asForm({ a: "good", b: "bad" }));
  expect(await problemOf(several)).toMatchObject({ status: 400, code: "UPLOADS_SEVERAL" });
  const late = await fetch(`${url}/v1/scan`, asBytes("slow"));
  expect([late.status, late.headers.get("retry-after")]).toEqual([503, "5"]);
  desk.answerSlow();
});

test("the client sends bytes, blobs and streams, asks again, and throws what the server says", async () => {
  const { url, desk } = await openApi();
  const client = new SluiceClient({ url });
  const bytes = new TextEncoder().encode("bad");
  expect((await client.classify(bytes, { waitMs: 1000, top: 1 })).answer?.scores).toHaveLength(1);
  const stream = new Blob(["good"]).stream();
  expect((await client.classify(stream, { waitMs: 1000 })).answer?.decision).toBe("allow");
  const [first, second] = await client.classifyAll(
    [
      ["a.jpg", bytes],
      ["b.jpg", new Blob(["good"])],
    ],
    {
      waitMs: 1000,
    },
  );
  expect([first, second]).toMatchObject([
    { filename: "a.jpg", answer: { decision: "quarantine" } },
    { filename: "b.jpg", answer: { decision: "allow" } },
  ]);
  const { id, status } = await client.classify(new Blob(["slow"]));
  expect(status).toBe("pending");
  desk.answerSlow();
  expect((await client.status(id)).status).toBe("decided");
  expect(await client.scan(bytes)).toEqual({ isAllowed: false, decision: "quarantine" });
  expect(await client.scan(new Blob(["good"]))).toEqual({ isAllowed: true, decision: "allow" });
  desk.isFull = true;
  const error: unknown = await client.classify(bytes).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SluiceError);
  expect(error).toMatchObject({ status: 503, code: "UPLOADS_FULL", retryAfterSeconds: 1 });
});
