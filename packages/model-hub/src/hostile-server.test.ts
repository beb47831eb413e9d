import { expect, test } from "vitest";
import { COMMIT, HubServer, redirectTo, sendJson, type Seen } from "./testing/hub-server.ts";
import { pull } from "./testing/pull.ts";
import { makeBytes, openPullPlace, type PullPlace } from "./testing/pull-place.ts";

const REPO = "owner/cats";
const TOKEN = "hf_secret";
const ONNX = "onnx/model.onnx";

async function openClassifier(): Promise<PullPlace> {
  const place = await openPullPlace();
  place.hub.addRepo(REPO, {
    "config.json": "{}",
    "preprocessor_config.json": "{}",
    [ONNX]: makeBytes(200_000),
  });
  return place;
}

async function nothingIn(place: PullPlace): Promise<void> {
  const files = await place.files();
  expect(files.filter((file) => file.startsWith("out"))).toEqual([]);
  expect(files.filter((file) => file.endsWith(".lock") || file.endsWith(".tmp"))).toEqual([]);
}

test("404 names the repository and the revision as the things to check", async () => {
  await using place = await openClassifier();
  const pulled = pull("owner/dogs", place.options(), place.outDir);
  await expect(pulled).rejects.toMatchObject({
    code: "MODEL_NOT_FOUND",
    message: expect.stringMatching(/^owner\/dogs: 127\.0\.0\.1:\d+ answers 404: not found/u),
  });
});

test("401 without a token says to set HF_TOKEN", async () => {
  await using place = await openClassifier();
  place.hub.token = TOKEN;
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toMatchObject({
    code: "HUB_ACCESS_DENIED",
    message: expect.stringMatching(/Invalid username or password.*set HF_TOKEN/u),
  });
});

test("401 with a token says that the token has no access, and does not show it", async () => {
  await using place = await openClassifier();
  place.hub.token = "another";
  const pulled = pull(REPO, place.options({ env: { HF_TOKEN: TOKEN } }), place.outDir);
  await expect(pulled).rejects.toMatchObject({
    code: "HUB_ACCESS_DENIED",
    message: expect.stringMatching(/^(?!.*hf_secret).*HF_TOKEN was sent and has no access/u),
  });
});

test("HF_TOKEN opens a private repository, and need not begin with hf_", async () => {
  await using place = await openClassifier();
  place.hub.token = "of-our-mirror";
  await pull(REPO, place.options({ env: { HF_TOKEN: "of-our-mirror" } }), place.outDir);
  expect(new Set(place.hub.seen.map(({ authorization }) => authorization))).toEqual(
    new Set(["Bearer of-our-mirror"]),
  );
});

test("a redirect to another host is refused by both names, and never sees the token", async () => {
  await using place = await openClassifier();
  await using other = await HubServer.start();
  place.hub.misbehave(ONNX, redirectTo(`${other.url}/stolen`));
  const pulled = pull(REPO, place.options({ env: { HF_TOKEN: TOKEN } }), place.outDir);
  await expect(pulled).rejects.toMatchObject({
    code: "HUB_REDIRECT_REFUSED",
    message: expect.stringMatching(
      new RegExp(`^${place.hub.host} redirects .*model\\.onnx to ${other.host}`, "u"),
    ),
  });
  expect(other.seen).toEqual([]);
  await nothingIn(place);
});

test("a store that was allowed is followed, without the token", async () => {
  await using place = await openClassifier();
  await using store = await HubServer.start();
  store.addPlain("/bytes", makeBytes(200_000));
  place.hub.misbehave(ONNX, redirectTo(`${store.url}/bytes?signature=1`));
  const env = { HF_TOKEN: TOKEN, SLUICE_HUB_REDIRECT_HOSTS: `.example.org, ${store.host}` };
  await pull(REPO, place.options({ env }), place.outDir);
  expect(store.seen.map(({ authorization }: Seen) => authorization)).toEqual([undefined]);
});

test("the API itself may not send us to a store", async () => {
  await using place = await openClassifier();
  await using store = await HubServer.start();
  place.hub.misbehave("/api/", redirectTo(`${store.url}/api`));
  const env = { SLUICE_HUB_REDIRECT_HOSTS: store.host };
  await expect(pull(REPO, place.options({ env }), place.outDir)).rejects.toMatchObject({
    code: "HUB_REDIRECT_REFUSED",
  });
  expect(store.seen).toEqual([]);
});

test("a repository that was renamed is followed on the same host", async () => {
  await using place = await openClassifier();
  place.hub.misbehave(
    "/api/models/old/cats/revision",
    redirectTo(`/api/models/${REPO}/revision/main`, 307),
  );
  place.hub.misbehave(
    "/api/models/old/cats/paths-info",
    redirectTo(`/api/models/${REPO}/paths-info/${COMMIT}`, 307),
  );
  place.hub.misbehave("/old/cats/resolve", (request, response) => {
    const path = (request.url ?? "").replace("/old/", "/owner/");
    redirectTo(path, 307)(request, response);
  });
  await pull("old/cats", place.options(), place.outDir);
  expect(await place.files()).toContain("out/onnx/model.onnx");
});

test("redirects without end are given up", async () => {
  await using place = await openClassifier();
  place.hub.misbehave(ONNX, redirectTo("/again/onnx/model.onnx"));
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toThrow(/more than 5 times/u);
  expect(place.hub.asked(ONNX)).toHaveLength(6);
});

test("the rest of a list that lies on another host is not asked for", async () => {
  await using place = await openPullPlace();
  await using other = await HubServer.start();
  place.hub.addRepo(REPO, { "notes.txt": "" });
  place.hub.misbehave("/tree/", (_, response) => {
    response.setHeader("link", `<${other.url}/api/models/x/tree/main?cursor=1>; rel="next"`);
    sendJson(response, []);
  });
  const pulled = pull(REPO, place.options({ env: { HF_TOKEN: TOKEN } }), place.outDir);
  await expect(pulled).rejects.toMatchObject({ code: "HUB_RESPONSE_INVALID" });
  expect(other.seen).toEqual([]);
});

test("wrong bytes are removed, and both hashes are named", async () => {
  await using place = await openClassifier();
  place.hub.misbehave(ONNX, (_, response) => response.end(makeBytes(200_000, 5)));
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toMatchObject({
    code: "DOWNLOAD_CORRUPT",
    message: expect.stringMatching(
      /^onnx\/model\.onnx: its SHA-256 is [0-9a-f]{64}, .*[0-9a-f]{64}/u,
    ),
  });
  expect((await place.files()).filter((file) => file.includes("partial"))).toEqual([]);
  await nothingIn(place);
});

test("small files are checked against their git id", async () => {
  await using place = await openClassifier();
  place.hub.misbehave("/resolve/", (_, response) => response.end("[]"));
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toMatchObject({
    code: "DOWNLOAD_CORRUPT",
    message: expect.stringMatching(/^config\.json: its git id is [0-9a-f]{40}/u),
  });
});

test.each<[string, unknown]>([
  ["a path out of the folder", [{ type: "file", path: "../x", size: 1, oid: "a".repeat(40) }]],
  ["an absolute path", [{ type: "file", path: "/etc/x", size: 1, oid: "a".repeat(40) }]],
  ["a path with a backslash", [{ type: "file", path: "a\\b", size: 1, oid: "a".repeat(40) }]],
  ["a hash that is a path", [{ type: "file", path: "config.json", size: 1, oid: "../../x" }]],
  ["a negative size", [{ type: "file", path: "config.json", size: -1, oid: "a".repeat(40) }]],
  ["no list", { error: null }],
  ["a list of nothing", [null]],
])("an API that answers %s is refused", async (_, answer) => {
  await using place = await openClassifier();
  place.hub.misbehave("paths-info", (__, response) => sendJson(response, answer));
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toMatchObject({
    code: "HUB_RESPONSE_INVALID",
  });
  expect(await place.files()).toEqual([]);
});

test.each([
  ["JSON without end", "[".repeat(100_000)],
  ["no JSON", "<html>"],
  ["a commit that is a path", '{"sha":"../../../../tmp/x"}'],
])("an API that answers %s is refused", async (_, answer) => {
  await using place = await openClassifier();
  place.hub.misbehave("/revision/", (__, response) => response.end(answer));
  const options = place.options({ limits: { maxApiBytes: 10_000 } });
  await expect(pull(REPO, options, place.outDir)).rejects.toMatchObject({
    code: "HUB_RESPONSE_INVALID",
  });
});
