import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ModelHubError } from "./model-hub-error.ts";
import { gitId, sendPart, sha256 } from "./testing/hub-server.ts";
import type { PullOptions } from "./pull-options.ts";
import { pull } from "./testing/pull.ts";
import { makeBytes, openPullPlace, type PullPlace } from "./testing/pull-place.ts";

const weights = makeBytes(200_000);
const card =
  '{"architecture":"resnet18","num_classes":1000,"pretrained_cfg":{"input_size":[3,224,224],"mean":[0,0,0],"std":[1,1,1]}}';
const ETAG = `"${sha256(weights)}"`;
const REPO = "timm/resnet18.test";
const BLOB = `.cache/huggingface/hub/models--timm--resnet18.test/blobs/${sha256(weights)}`;

/** The connection breaks off as soon as so many bytes have arrived: what is under way then would be lost. */
function dropAt(place: PullPlace, bytes: number): PullOptions {
  return place.options({
    limits: { maxResumes: 0 },
    onProgress: ({ receivedBytes }) => {
      if (receivedBytes === bytes) place.hub.dropConnections();
    },
  });
}

/** A repository whose weights arrive half the first time. */
async function openBroken(etag: string | null): Promise<PullPlace> {
  const place = await openPullPlace();
  place.hub.addRepo(REPO, { "config.json": card, "model.safetensors": weights });
  place.hub.misbehave("model.safetensors", sendPart(weights, { sent: 120_000, etag }), 1);
  await expect(pull(REPO, dropAt(place, 120_000), place.outDir)).rejects.toMatchObject({
    code: "HUB_UNAVAILABLE",
    retryable: true,
    message: expect.stringMatching(/broke off after 120000 of 200000 bytes/u),
  });
  return place;
}

test("after half a file only the rest is asked for", async () => {
  await using place = await openBroken(ETAG);
  place.progress.length = 0;
  const path = await pull(REPO, place.options(), place.outDir);
  expect(await readFile(path)).toEqual(weights);
  const last = place.hub.asked("model.safetensors").at(-1);
  expect(last).toMatchObject({ range: "bytes=120000-", ifRange: ETAG });
  expect(place.progress[0]).toMatchObject({ receivedBytes: 120_000, totalBytes: 200_000 });
});

test("a connection that breaks off is opened again for the rest, within the same call", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo(REPO, { "config.json": card, "model.safetensors": weights });
  place.hub.misbehave("model.safetensors", sendPart(weights, { sent: 120_000, etag: ETAG }), 1);
  const options = { ...dropAt(place, 120_000), limits: { maxResumes: 1 } };
  expect(await readFile(await pull(REPO, options, place.outDir))).toEqual(weights);
  expect(place.hub.asked("model.safetensors").map(({ range }) => range)).toEqual([
    undefined,
    "bytes=120000-",
  ]);
});

test("half a file lies beside its place in the cache, and in no other", async () => {
  await using place = await openBroken(ETAG);
  const files = (await place.files()).filter((file) => !file.endsWith(gitId(Buffer.from(card))));
  expect(files).toEqual([`${BLOB}.partial`, `${BLOB}.partial.json`]);
});

test("a file that has changed since is fetched whole", async () => {
  await using place = await openBroken('"another-version"');
  const path = await pull(REPO, place.options(), place.outDir);
  expect(await readFile(path)).toEqual(weights);
  expect(place.progress.at(-1)).toMatchObject({ receivedBytes: 200_000 });
});

test("bytes that turn out to be of another version are removed, and the next time it works", async () => {
  await using place = await openBroken(null); // No ETag: the server cannot tell that they do not fit.
  await writeFile(join(place.folder, `${BLOB}.partial`), makeBytes(120_000, 9));
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toMatchObject({
    code: "DOWNLOAD_CORRUPT",
  });
  expect(await place.files()).not.toContain(`${BLOB}.partial`);
  const path = await pull(REPO, place.options(), place.outDir);
  expect(await readFile(path)).toEqual(weights);
});

test("a partial file without a note about its version is thrown away", async () => {
  await using place = await openBroken(ETAG);
  await writeFile(join(place.folder, `${BLOB}.partial.json`), "{");
  await pull(REPO, place.options(), place.outDir);
  expect(place.hub.asked("model.safetensors").at(-1)?.range).toBeUndefined();
});

test("a file of unknown length that had come whole is fetched anew, not beyond its end", async () => {
  await using place = await openPullPlace();
  place.hub.addPlain("/site.pth", weights);
  const address = `${place.hub.url}/site.pth`;
  const etag = `"${sha256(weights).slice(0, 32)}"`;
  const half = sendPart(Buffer.concat([weights, weights]), { sent: weights.length, etag });
  place.hub.misbehave("/site.pth", half, 1);
  await expect(pull(address, dropAt(place, weights.length), place.outDir)).rejects.toThrow(
    /broke off after 200000 of 400000/u,
  );
  expect(await readFile(await pull(address, place.options(), place.outDir))).toEqual(weights);
  expect(place.hub.seen.map(({ range }) => range)).toEqual([undefined, "bytes=200000-", undefined]);
});

test("a command that is interrupted keeps what it has, and throws the reason", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo(REPO, { "config.json": card, "model.safetensors": weights });
  // The rest never comes, so only the interruption can end it.
  place.hub.misbehave("model.safetensors", sendPart(weights, { sent: 120_000, etag: ETAG }), 1);
  const stop = new AbortController();
  const reason = new Error("stopped by SIGINT");
  const onProgress = ({ file, receivedBytes }: { file: string; receivedBytes: number }) => {
    if (file === "model.safetensors" && receivedBytes === 120_000) stop.abort(reason);
  };
  const options = place.options({ signal: stop.signal, onProgress });
  await expect(pull(REPO, options, place.outDir)).rejects.toBe(reason);
  const path = await pull(REPO, place.options(), place.outDir);
  expect(await readFile(path)).toEqual(weights);
  expect(place.hub.asked("model.safetensors").at(-1)?.range).toBe("bytes=120000-");
});

test("two commands at once do not write into one file: the second says who is at it", async () => {
  await using place = await openPullPlace();
  place.hub.addRepo(REPO, { "config.json": card, "model.safetensors": weights });
  place.hub.misbehave("model.safetensors", sendPart(weights, { sent: 120_000, etag: ETAG }), 1);
  const stop = new AbortController();
  const begun = Promise.withResolvers<void>();
  const onProgress = ({ receivedBytes }: { receivedBytes: number }) => {
    if (receivedBytes === 120_000) begun.resolve();
  };
  const first = pull(REPO, place.options({ onProgress, signal: stop.signal }), place.outDir);
  await begun.promise;
  await expect(pull(REPO, place.options(), place.outDir)).rejects.toMatchObject({
    code: "DOWNLOAD_IN_PROGRESS",
    exitCode: 75,
    message: expect.stringMatching(new RegExp(`process ${process.pid} `, "u")),
  });
  stop.abort(new Error("enough"));
  await expect(first).rejects.toThrow("enough");
});

test("the lock of a process that is gone is taken over", async () => {
  await using place = await openBroken(ETAG);

  const lock = join(place.folder, `${BLOB}.lock`);
  await writeFile(lock, `4194305 ${hostname()} 1`); // above Linux' highest process id
  await pull(REPO, place.options(), place.outDir);
  expect(await place.files()).not.toContain(`${BLOB}.lock`);
});

test("so is the lock of an earlier process with our own id, as in a container", async () => {
  await using place = await openBroken(ETAG);
  await writeFile(join(place.folder, `${BLOB}.lock`), `${process.pid} ${hostname()} 1`);
  await pull(REPO, place.options(), place.outDir);
  expect(await place.files()).not.toContain(`${BLOB}.lock`);
});

test("however often the connection breaks off, the file ends whole and no byte that was kept is sent twice", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 6 }),
      async (cuts) => {
        await using place = await openPullPlace();
        const address = `${place.hub.url}/site.pth`;
        place.hub.addPlain("/site.pth", weights);
        for (const cut of cuts) place.hub.misbehave("/site.pth", breakOff(weights, cut), 1);
        let path: string | null = null;
        for (let attempt = 0; path === null && attempt <= cuts.length; attempt += 1) {
          path = await pull(address, place.options(), place.outDir).catch(nullIfUnavailable);
        }
        expect(await readFile(path ?? "")).toEqual(weights);
        expect(keptTwice(place)).toEqual([]);
      },
    ),
    { numRuns: 25 },
  );
});

/** Sends so many bytes of what was asked for, as one version, and drops the connection. */
function breakOff(bytes: Buffer, cut: number): Parameters<PullPlace["hub"]["misbehave"]>[1] {
  return (request, response) => {
    const first = Number(/^bytes=(\d+)-$/u.exec(request.headers.range ?? "")?.[1] ?? 0);
    const range = { "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` };
    const etag = `"${sha256(bytes).slice(0, 32)}"`;
    response.writeHead(first > 0 ? 206 : 200, {
      etag,
      "content-length": String(bytes.length - first),
      ...(first > 0 ? range : {}),
    });
    response.write(bytes.subarray(first, first + cut), () => response.destroy());
  };
}

function nullIfUnavailable(error: unknown): null {
  if (error instanceof ModelHubError && error.code === "HUB_UNAVAILABLE") return null;
  throw error;
}

/** Requests that begin before where an earlier one had begun: bytes that we had would come again. */
function keptTwice({ hub }: PullPlace): readonly number[] {
  const begins = hub.seen.map(({ range }) => Number(/\d+/u.exec(range ?? "0")?.[0]));
  return begins.filter((begin, i) => begin < (begins[i - 1] ?? 0));
}
