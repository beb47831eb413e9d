import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerSchema, sha256Schema, sourceNameSchema, type SettledJob } from "@sluice/contracts";
import { rootNameSchema, chunkIdSchema } from "@sluice/contracts";
import { newUploadId, UploadDesk, type AcceptedUpload, type Clock } from "@sluice/sources";
import { expect, onTestFinished, test } from "vitest";
import { SqliteJournal } from "../journal/sqlite-journal.ts";
import { FolderSpool } from "./folder-spool.ts";
import { SqliteAnswers } from "./sqlite-answers.ts";

const source = sourceNameSchema.parse("api");
const digest = sha256Schema.parse("d".repeat(64));
const ANSWER = answerSchema.parse({
  decision: "quarantine",
  rule: { kind: "forbidden", label: "target", score: 0.9, threshold: 0.5 },
  unscannable: null,
  scores: [{ label: "target", classId: 0, score: 0.9 }],
  ensembleDigest: digest,
  classifiedAtMs: 1,
  decidedAtMs: 2,
});

/** A spool, a journal and answers on disk, opened as often as processes are started. */
class Place {
  readonly folder: string;
  nowMs = 1000;
  seen = 0;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<Place> {
    const place = new Place(await mkdtemp(join(tmpdir(), "sluice-desk-")));
    onTestFinished(async () => await rm(place.folder, { recursive: true }));
    return place;
  }

  get spool(): string {
    return join(this.folder, "spool");
  }

  async open(limits: { maxPending?: number; maxBytes?: number } = {}) {
    const spool = await FolderSpool.open(this.spool);
    const journal = SqliteJournal.open(join(this.folder, "journal.sqlite"));
    const answers = SqliteAnswers.open(join(this.folder, "answers.sqlite"));
    onTestFinished(() => {
      for (const part of [spool, journal, answers]) part[Symbol.dispose]();
    });
    const clock: Clock = { nowMs: () => this.nowMs, schedule: () => () => undefined };
    const desk = new UploadDesk({
      source,
      spool,
      journal,
      answers,
      clock,
      maxPending: 100,
      maxBytes: 1 << 20,
      answersKeptMs: 10_000,
      onSeen: () => (this.seen += 1),
      ...limits,
    });
    await desk.recover();
    return { desk, journal };
  }

  /** What moderation does in answer mode: our copy goes, a notice comes. */
  async decide({ id }: AcceptedUpload, version: string): Promise<SettledJob> {
    await rm(join(this.spool, id));
    return noticeOf(id, version);
  }
}

function noticeOf(id: string, version: string): SettledJob {
  return {
    v: 1,
    chunkId: chunkIdSchema.parse(`c${"0".repeat(40)}`),
    source,
    root: rootNameSchema.parse("spool"),
    objects: [{ path: id, version, answer: ANSWER }],
  } as unknown as SettledJob;
}

async function* chunks(...parts: (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await new Promise(setImmediate);
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}

const filesIn = async (folder: string) => (await readdir(folder, { recursive: true })).toSorted();

test("an upload is on disk under its id, private, and in line when it is accepted", async () => {
  const place = await Place.make();
  const { desk, journal } = await place.open();
  const upload = await desk.accept(chunks("pic", "ture"));
  expect(upload).toMatchObject({ sizeBytes: 7, sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) });
  expect((await stat(join(place.spool, upload.id))).mode & 0o777).toBe(0o600);
  expect(journal.nextSeen(source, 10)).toMatchObject([{ path: upload.id, sizeBytes: 7 }]);
  expect(place.seen).toBe(1);
  expect(desk.state(upload.id)).toEqual({ kind: "pending" });
});

test("everybody who waits gets the answer, and who comes later, too, until it is too old", async () => {
  const place = await Place.make();
  const { desk, journal } = await place.open();
  const upload = await desk.accept(chunks("picture"));
  const [object] = journal.nextSeen(source, 1);
  const { signal } = new AbortController();
  const waiting = [desk.wait(upload.id, signal), desk.wait(upload.id, signal)];
  desk.settled(await place.decide(upload, object!.version));
  expect(await Promise.all(waiting)).toEqual([ANSWER, ANSWER]);
  expect(await desk.wait(upload.id, signal)).toEqual(ANSWER);
  expect(journal.counts(source)).toEqual({ seen: 0, assigned: 0, queued: 0, decided: 0 });
  place.nowMs += 10_001;
  desk.settled(noticeOf(newUploadId(), "1-1-1-1"));
  expect(desk.state(upload.id)).toEqual({ kind: "unknown" });
});

test("an early notice answers, and the upload counts until it is done", async () => {
  const place = await Place.make();
  const { desk, journal } = await place.open();
  const upload = await desk.accept(chunks("picture"));
  const notice = noticeOf(upload.id, journal.nextSeen(source, 1)[0]!.version);
  desk.settled({ ...notice, isDone: false });
  expect(desk.state(upload.id)).toEqual({ kind: "answered", answer: ANSWER });
  expect([desk.pendingCount, journal.counts(source).decided]).toEqual([1, 0]);
  await rm(join(place.spool, upload.id));
  desk.settled(notice);
  expect([desk.pendingCount, journal.counts(source)]).toEqual([
    0,
    { seen: 0, assigned: 0, queued: 0, decided: 0 },
  ]);
});

test("who gives up waiting gets nothing, and the upload is decided all the same", async () => {
  const place = await Place.make();
  const { desk, journal } = await place.open();
  const upload = await desk.accept(chunks("picture"));
  const stop = new AbortController();
  const waiting = desk.wait(upload.id, stop.signal);
  stop.abort();
  expect(await waiting).toBeNull();
  expect(await desk.wait(newUploadId(), new AbortController().signal)).toBeNull();
  desk.settled(await place.decide(upload, journal.nextSeen(source, 1)[0]!.version));
  expect(desk.state(upload.id)).toEqual({ kind: "answered", answer: ANSWER });
});

test.each([
  ["too large", chunks("x".repeat(600), "x".repeat(600)), "UPLOAD_TOO_LARGE"],
  ["empty", chunks(), "UPLOAD_EMPTY"],
  ["broken off", chunks("half", new Error("gone")), undefined],
])("an upload that is %s leaves nothing behind", async (_, bytes, code) => {
  const place = await Place.make();
  const { desk, journal } = await place.open({ maxBytes: 1000 });
  const error: unknown = await desk.accept(bytes).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect((error as { code?: string }).code).toBe(code);
  expect(await filesIn(place.spool)).toEqual([".sluice-receiving"]);
  expect(journal.nextSeen(source, 1)).toEqual([]);
  expect(desk.pendingCount).toBe(0);
});

test("when as many wait as may, more are refused, also while they are received", async () => {
  const place = await Place.make();
  const { desk, journal } = await place.open({ maxPending: 2 });
  const first = desk.accept(chunks("a"));
  const second = desk.accept(chunks("b"));
  await expect(desk.accept(chunks("c"))).rejects.toMatchObject({ code: "UPLOADS_FULL" });
  const { id } = await first;
  await second;
  await expect(desk.accept(chunks("c"))).rejects.toThrow(/try again in a moment/u);
  const object = journal.nextSeen(source, 2).find(({ path }) => (path as string) === id);
  desk.settled(await place.decide(await first, object!.version));
  expect((await desk.accept(chunks("c"))).sizeBytes).toBe(1);
});

test("after a crash everything that was accepted is in line again, and what was half received is gone", async () => {
  const place = await Place.make();
  const before = await place.open();
  const upload = await before.desk.accept(chunks("picture"));
  await writeFile(join(place.spool, ".sluice-receiving", newUploadId()), "half");
  await rm(join(place.folder, "journal.sqlite")); // a power failure may take the last rows back; this takes all
  for (const end of ["-wal", "-shm"]) await rm(join(place.folder, `journal.sqlite${end}`));
  const { desk, journal } = await place.open();
  expect(desk.state(upload.id)).toEqual({ kind: "pending" });
  expect(journal.nextSeen(source, 10).map(({ path }) => path)).toEqual([upload.id]);
  expect(await filesIn(place.spool)).toEqual([".sluice-receiving", upload.id]);
});

test("an upload that was decided and stays (held at a gate) is not taken up again", async () => {
  const place = await Place.make();
  const before = await place.open();
  const upload = await before.desk.accept(chunks("picture"));
  before.desk.settled(noticeOf(upload.id, before.journal.nextSeen(source, 1)[0]!.version));
  const { desk, journal } = await place.open();
  expect(journal.nextSeen(source, 10)).toEqual([]);
  expect(desk.state(upload.id)).toEqual({ kind: "answered", answer: ANSWER });
  expect(desk.pendingCount).toBe(0);
});
