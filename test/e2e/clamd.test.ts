import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { requireProgram } from "../harness/debian-program.ts";
import { makePicture } from "../harness/pictures.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite, type SiteSettings } from "../harness/test-site.ts";
import { until } from "../harness/until.ts";

const run = promisify(execFile);

/** A site whose only source is a clamd listener on a socket, in answer mode. */
function clamdSettings(site: TestSite): SiteSettings {
  const settings = siteSettings("sweep");
  const [forbidden] = Object.values(settings["policies"] as Record<string, { forbidden: unknown }>);
  return {
    ...settings,
    roots: { spool: { folder: "spool" } },
    sources: [
      {
        name: "mail",
        kind: "clamd",
        root: "spool",
        socket: "clamd.sock",
        port: 0,
        scanFolders: [site.path("mail")],
      },
    ],
    policies: { default: { mode: "answer", forbidden: forbidden?.forbidden } },
  };
}

/** What Debian's real client says about paths: its exit code (0 clean, 1 found, 2 error) and lines. */
async function clamdscan(site: TestSite, ...args: readonly string[]) {
  const config = site.path("clamd.conf");
  await writeFile(config, `LocalSocket ${site.path("clamd.sock")}\nStreamMaxLength 64M\n`);
  const options = [`--config-file=${config}`, "--no-summary", ...args];
  try {
    const { stdout } = await run(requireProgram("clamdscan", "clamdscan"), options);
    return { code: 0, lines: linesOf(stdout) };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, lines: linesOf(stdout) };
  }
}

const linesOf = (text: string) =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .toSorted();

test("Debian's clamdscan asks about pictures, by stream and by path, and never hears OK of what was not scanned", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "sweep" });
  await mkdir(site.path("spool"));
  await mkdir(site.path("mail"));
  await site.configure(clamdSettings(site));
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });

  const mail = (name: string) => site.path("mail", name);
  await writeFile(mail("forbidden.jpg"), await makePicture("target", 1));
  await writeFile(mail("holiday.jpg"), await makePicture("fish", 1));
  await writeFile(mail("letter.txt"), "no picture at all");

  for (const how of [["--stream"], []]) {
    expect(await clamdscan(site, ...how, mail("holiday.jpg"))).toEqual({
      code: 0,
      lines: [`${mail("holiday.jpg")}: OK`],
    });
    expect(await clamdscan(site, ...how, mail("forbidden.jpg"))).toEqual({
      code: 1,
      lines: [`${mail("forbidden.jpg")}: Image.Forbidden.target FOUND`],
    });
    const letter = await clamdscan(site, ...how, mail("letter.txt"));
    expect(letter.code).toBe(2);
    expect(letter.lines.join()).toMatch(/not scanned \(not-an-image\) ERROR/u);
  }
  const all = await clamdscan(site, "--multiscan", site.path("mail"));
  expect(all.lines.join("\n")).toMatch(/forbidden\.jpg: Image\.Forbidden\.target FOUND/u);
  expect(all.lines.join("\n")).toMatch(/letter\.txt: not scanned \(not-an-image\) ERROR/u);
  expect((await clamdscan(site, "/etc/hostname")).code).toBe(2);

  await stack.waitUntilIdle();
  // Our copies are gone, but for those that the vault keeps.
  expect(await readdir(site.path("spool"))).toEqual([".sluice-receiving"]);
  const vaulted = stack.decisions().filter(({ effect }) => effect.result === "vaulted");
  expect(vaulted.length).toBeGreaterThan(0);
});

test("while no worker answers the reply is an error, and the upload is decided later all the same", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "sweep" });
  await mkdir(site.path("spool"));
  const settings = clamdSettings(site);
  const [source] = settings["sources"] as object[];
  await site.configure({ ...settings, sources: [{ ...source, answerTimeoutMs: 200 }] });
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  await writeFile(site.path("a.jpg"), await makePicture("fish", 2));
  const worker = await stack.pidOf("worker");
  process.kill(worker, "SIGSTOP");
  const reply = await clamdscan(site, "--stream", site.path("a.jpg"));
  expect(reply.code).toBe(2);
  expect(reply.lines.join()).toMatch(/not scanned \(no answer in time\) ERROR/u);
  process.kill(worker, "SIGCONT");
  await until(() => (stack.countDecisions() === 1 ? true : undefined), {
    what: "the decision",
    timeoutMs: 60_000,
    describe: () => stack.log(),
  });
});
