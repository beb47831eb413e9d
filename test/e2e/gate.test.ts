import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { makePicture } from "../harness/pictures.ts";
import { runSluice } from "../harness/run-sluice.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";

let redis: TestRedis;
let site: TestSite;
let stack: RunningStack;

beforeAll(async () => {
  redis = await TestRedis.start();
  site = await TestSite.make({ mode: "gate" });
  await writeFile(join(site.uploads, "early.jpg"), await makePicture("house", 1));
  stack = await RunningStack.start({ site, redisUrl: redis.url });
});
afterAll(async () => {
  await stack[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  await redis[Symbol.asyncDispose]();
});

const decisionsSchema = z.array(
  z.object({
    id: z.string(),
    path: z.string(),
    decision: z.string(),
    why: z.string(),
    classification: z.object({ kind: z.string() }),
    effect: z.object({ result: z.string() }),
  }),
);

async function sluice(...args: readonly string[]): Promise<string> {
  const run = await runSluice(args, { cwd: site.folder, env: { SLUICE_REDIS_URL: redis.url } });
  if (run.code !== 0) throw new Error(`sluice ${args.join(" ")}: ${run.code}\n${run.stderr}`);
  return run.stdout;
}

async function decisionAbout(path: string) {
  const decisions = decisionsSchema.parse(JSON.parse(await sluice("decisions", "--json")));
  const found = decisions.find((decision) => decision.path === path);
  if (found === undefined) throw new Error(`no decision about ${path}`);
  return found;
}

test("allowed uploads are published, forbidden ones taken, what cannot be scanned is held", async () => {
  await writeFile(join(site.uploads, "fish.jpg"), await makePicture("fish", 1));
  await writeFile(join(site.uploads, "bad.jpg"), await makePicture("target", 1));
  await writeFile(join(site.uploads, "notes.jpg"), "not a picture");
  await stack.waitForDecisions(4);
  await stack.waitUntilIdle();

  expect(await decisionAbout("early.jpg")).toMatchObject({
    decision: "allow",
    effect: { result: "published" },
  });
  expect(await decisionAbout("fish.jpg")).toMatchObject({ decision: "allow" });
  expect(existsSync(join(site.published, "fish.jpg"))).toBe(true);
  expect(existsSync(join(site.uploads, "fish.jpg"))).toBe(false);

  expect(await decisionAbout("bad.jpg")).toMatchObject({
    decision: "quarantine",
    effect: { result: "vaulted" },
  });
  expect(existsSync(join(site.uploads, "bad.jpg"))).toBe(false);
  expect(existsSync(join(site.published, "bad.jpg"))).toBe(false);

  const held = await decisionAbout("notes.jpg");
  expect(held).toMatchObject({ decision: "review", classification: { kind: "unscannable" } });
  expect(existsSync(join(site.uploads, "notes.jpg"))).toBe(true);
});

test("a name that is not UTF-8 and would move the cursor is published as it is and printed harmlessly", async () => {
  const name = Buffer.from("caf\u00e9\u001b[2J.jpg", "latin1");
  const below = (folder: string) => Buffer.concat([Buffer.from(`${folder}/`), name]);
  await writeFile(below(site.uploads), await makePicture("flower", 1));
  await stack.waitForDecisions(5);
  await stack.waitUntilIdle();
  expect(existsSync(below(site.published))).toBe(true);
  expect(await sluice("decisions", "--limit", "1")).toContain("uploads:caf%E9%1B[2J.jpg");
});

test("a person lets a held file go: it is published", async () => {
  const { id } = await decisionAbout("notes.jpg");
  expect(await sluice("review", "list")).toContain("notes.jpg");
  await sluice("review", "approve", id);
  expect(await readFile(join(site.published, "notes.jpg"), "utf8")).toBe("not a picture");
  expect(await sluice("review", "list", "--json")).toBe("[]\n");
});

test("restore brings the same bytes back, and they pass the gate because a person said so", async () => {
  const wanted = createHash("sha256")
    .update(await makePicture("target", 1))
    .digest("hex");
  const vaultSchema = z.array(z.object({ id: z.string(), path: z.string(), sha256: z.string() }));
  const [taken] = vaultSchema.parse(JSON.parse(await sluice("quarantine", "list", "--json")));
  expect(taken).toMatchObject({ path: "bad.jpg", sha256: wanted });
  await sluice("restore", taken!.id);
  await stack.waitForDecisions(6);
  await stack.waitUntilIdle();
  expect((await decisionAbout("bad.jpg")).why).toMatch(/a person let this content go/u);
  const published = await readFile(join(site.published, "bad.jpg"));
  expect(createHash("sha256").update(published).digest("hex")).toBe(wanted);
});

test("status tells what runs, what is queued and what was decided, for people and as JSON", async () => {
  const text = await sluice("status");
  for (const app of ["ingest", "worker", "moderation"])
    expect(text).toMatch(new RegExp(`${app} +ready`, "u"));
  const report: unknown = JSON.parse(await sluice("status", "--json"));
  expect(report).toMatchObject({
    redis: { isReachable: true },
    journal: [{ source: "uploads", seen: 0, queued: 0 }],
    records: { decisions: { quarantine: 1, review: 1 }, openEffects: 0 },
  });
  expect(text).not.toContain(new URL(redis.url).password);
});

test("each app answers whether it lives, whether it is ready, and with its metrics", async () => {
  for (const app of ["ingest", "worker", "moderation"] as const) {
    const url = await stack.readiness(app);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^sluice_\w+/mu);
    expect(metrics.endsWith("\n")).toBe(true);
  }
});

test("a second start on the same data folder is refused", async () => {
  const run = await runSluice(["start"], {
    cwd: site.folder,
    env: { SLUICE_REDIS_URL: redis.url },
  });
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/already runs with the data folder/u);
});

test("SIGTERM stops everything and exits with 0", async () => {
  const pids = await Promise.all(
    (["ingest", "worker", "moderation"] as const).map((app) => stack.pidOf(app)),
  );
  expect(await stack.stop()).toBe(0);
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/u);
  expect(await sluice("status")).toContain("nothing is running");
});
