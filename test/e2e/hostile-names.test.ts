import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { makePicture } from "../harness/pictures.ts";
import { runSluice } from "../harness/run-sluice.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";

/** As bytes, one character each; none with a slash or NUL, which no name has. */
const NAMES = [
  "line\nbreak.jpg",
  "carriage\rreturn.jpg",
  "quo\"te's.jpg",
  "\x1b[2J\x1b]0;title\x07.jpg",
  "\x9b31mC1.jpg",
  "\xff\xfe not UTF-8.jpg",
  "bidi\xe2\x80\xae gpj.exe",
  "$(touch owned);`id`.jpg",
  "--help",
  "=cmd|'calc'!A0.jpg",
  "100%41%.jpg",
  " .jpg",
  '{"event":"app.ready"}.jpg',
];

// oxlint-disable-next-line no-control-regex -- control characters are what must not be there
const MOVES_CURSOR = /[\0-\x09\x0b-\x1f\x7f-\x9f]/u;

test("files of any name are taken, told harmlessly wherever Sluice speaks of them, and given back under their bytes", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "sweep" });
  const place = (name: string) => Buffer.from(`${site.uploads}/${name}`, "latin1");
  const target = await makePicture("target", 1);
  for (const name of NAMES) await writeFile(place(name), target);
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  await stack.waitForDecisions(NAMES.length);
  await stack.waitUntilIdle();
  expect(readdirSync(site.uploads)).toEqual([]);

  const sluice = async (...args: readonly string[]) =>
    await runSluice(args, { cwd: site.folder, env: { SLUICE_REDIS_URL: redis.url } });
  for (const args of [["status"], ["decisions"], ["quarantine", "list"]]) {
    const { stdout, stderr } = await sluice(...args);
    expect(stdout + stderr).not.toMatch(MOVES_CURSOR);
    expect(stdout + stderr).not.toMatch(/[\u202e\ufffd]/u);
  }
  expect((await sluice("decisions", "--json")).stdout).not.toMatch(MOVES_CURSOR);
  const { stdout: lines } = await sluice("decisions");
  expect(lines.match(/uploads:/gu)).toHaveLength(NAMES.length);
  const taken = z
    .array(z.object({ id: z.string() }))
    .parse(JSON.parse((await sluice("quarantine", "list", "--json")).stdout));
  expect(taken).toHaveLength(NAMES.length);
  for (const { id } of taken) expect((await sluice("restore", id)).code).toBe(0);
  for (const name of NAMES) expect([name, existsSync(place(name))]).toEqual([name, true]);
});
