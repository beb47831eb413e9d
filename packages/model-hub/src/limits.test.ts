import { expect, test } from "vitest";
import { pull } from "./testing/pull.ts";
import { makeBytes, openPullPlace, type PullPlace } from "./testing/pull-place.ts";

const REPO = "owner/cats";
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

test("a body without end stops at the limit and leaves nothing", async () => {
  await using place = await openPullPlace();
  let sent = 0;
  place.hub.misbehave("/site.pth", (_, response) => {
    const write = (): void => {
      while (response.writable && response.write(makeBytes(10_000))) sent += 10_000;
    };
    response.on("drain", write);
    write();
  });
  const options = place.options({ limits: { maxBytes: 50_000 } });
  const pulled = pull(`${place.hub.url}/site.pth`, options, place.outDir);
  await expect(pulled).rejects.toMatchObject({
    code: "DOWNLOAD_TOO_LARGE",
    message: expect.stringMatching(/more than 50000 bytes.*--max-bytes/u),
  });
  expect(await place.files()).toEqual([]);
  expect(sent).toBeLessThan(20_000_000); // What the sockets of both sides hold, not more.
});

test("more bytes than the hub announced are not taken", async () => {
  await using place = await openClassifier();
  place.hub.misbehave(ONNX, (_, response) => {
    response.write(makeBytes(200_000)); // Chunked: the length stands only in the API.
    response.end(makeBytes(1));
  });
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toMatchObject({
    code: "HUB_RESPONSE_INVALID",
    message: expect.stringMatching(/more bytes come than the 200000 announced/u),
  });
  expect((await place.files()).filter((file) => file.includes("partial"))).toEqual([]);
});

test("a file that announces more than the limit is not begun", async () => {
  await using place = await openPullPlace();
  place.hub.addPlain("/site.pth", makeBytes(60_000));
  const options = place.options({ limits: { maxBytes: 50_000 } });
  await expect(pull(`${place.hub.url}/site.pth`, options, place.outDir)).rejects.toMatchObject({
    code: "DOWNLOAD_TOO_LARGE",
    message: expect.stringMatching(/has 60000 bytes, the limit is 50000/u),
  });
  expect(await place.files()).toEqual([]);
});

test("the limit holds for all files of a model together", async () => {
  await using place = await openClassifier();
  const options = place.options({ limits: { maxBytes: 200_001 } });
  await expect(pull(REPO, options, place.outDir)).rejects.toMatchObject({
    code: "DOWNLOAD_TOO_LARGE",
  });
  expect(place.hub.asked("/resolve/")).toEqual([]);
});

test("a server that falls silent is given up after the stall time", async () => {
  await using place = await openClassifier();
  place.hub.misbehave(ONNX, (_, response) => {
    response.writeHead(200, { "content-length": "200000" });
    response.write(makeBytes(1000));
  });
  const options = place.options({ limits: { stallTimeoutMs: 50 } });
  await expect(pull(REPO, options, place.outDir)).rejects.toMatchObject({
    code: "HUB_UNAVAILABLE",
    message: expect.stringMatching(/no byte came from 127\.0\.0\.1:\d+ for 0\.05 s/u),
  });
  await nothingIn(place);
});

test("a server that is overloaded says when to come back", async () => {
  await using place = await openClassifier();
  place.hub.misbehave("/api/", (_, response) =>
    response.writeHead(429, { "retry-after": "120" }).end(),
  );
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toMatchObject({
    code: "HUB_UNAVAILABLE",
    exitCode: 69,
    message: expect.stringMatching(/429: try again in 120 s/u),
  });
});

test("no connection is HUB_UNAVAILABLE and names the host", async () => {
  await using place = await openClassifier();
  const { host } = place.hub;
  const options = place.options();
  await place.hub[Symbol.asyncDispose]();
  await expect(pull(REPO, options, place.outDir)).rejects.toMatchObject({
    code: "HUB_UNAVAILABLE",
    message: expect.stringMatching(new RegExp(`^${host} cannot be reached \\(.*ECONNREFUSED`, "u")),
  });
});
