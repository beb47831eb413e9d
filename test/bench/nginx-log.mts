// Lines/s of the nginx-log source on one thread, and uploads through a real nginx whose log is rotated under load.
// Run: node --conditions=@sluice/source test/bench/nginx-log.mts lines [millions]
//      node --conditions=@sluice/source test/bench/nginx-log.mts requests [count]
import { createWriteStream } from "node:fs";
import { mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { once } from "node:events";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { judgeUpload, openLogRules, readLog } from "@sluice/source-nginx-log";
import { LogSite } from "../harness/log-site.ts";
import { NginxServer } from "../harness/nginx-server.ts";
import { putMany } from "../harness/put-load.ts";
import { until } from "../harness/until.ts";

const ROUNDS = 3;
const AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const ROTATIONS = 4;

const [what = "lines", size] = process.argv.slice(2);
if (what === "lines") await measureLines(Number(size ?? 1) * 1_000_000);
else await measureRequests(Number(size ?? 400_000));

/** Everything but the looks: file, lines, format, rule, mapping. */
async function measureLines(count: number): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-lines-"));
  const settings = {
    uploadHeader: "X-Upload-Path",
    uris: [{ prefix: "/dav/", to: "" }],
    files: [],
    maxNames: 32,
  };
  try {
    for (const format of ["combined", "sluice"]) {
      for (const share of [0.05, 1]) {
        const log = join(folder, `${format}-${share}.log`);
        await writeLog(log, { format, count, share });
        const { size: bytes } = await stat(log);
        const { format: lineFormat, rules } = openLogRules({ ...settings, format }, "/srv/uploads");
        for (let round = 0; round < ROUNDS; round++) {
          const startMs = performance.now();
          const before = threadSeconds();
          let lines = 0;
          let uploads = 0;
          for await (const batch of readLog(log)) {
            lines += batch.length;
            for (const line of batch) {
              if (!lineFormat.mayBeUpload(line)) continue;
              const record = lineFormat.parse(line);
              if (record !== null && judgeUpload(record, rules).kind === "upload") uploads += 1;
            }
          }
          const seconds = (performance.now() - startMs) / 1000;
          const ofThread = threadSeconds() - before;
          console.log(
            `${format}, ${share * 100} % uploads: ${perSecond(lines, ofThread)} lines per second of the thread's CPU time, ${perSecond(lines, seconds)} lines/s, ${Math.round(bytes / 1e6 / ofThread)} MB/s of CPU time, ${uploads} uploads, load ${loadavg()[0]?.toFixed(1)}`,
          );
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** CPU time of this thread, which says what one thread can do however busy the machine is. */
function threadSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}

function perSecond(count: number, seconds: number): string {
  return Math.round(count / seconds).toLocaleString("en");
}

async function writeLog(
  path: string,
  { format, count, share }: { format: string; count: number; share: number },
): Promise<void> {
  const file = createWriteStream(path);
  for (let index = 0; index < count; index++) {
    const method = index % 100 < share * 100 ? "PUT" : "GET";
    const line = format === "combined" ? combinedLine(method, index) : jsonLine(method, index);
    if (!file.write(`${line}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "close");
}

function combinedLine(method: string, index: number): string {
  return `203.0.113.${index % 256} - - [23/Nov/2026:03:43:02 +0000] "${method} /dav/gallery/${index}.jpg HTTP/1.1" 201 51234 "-" "${AGENT}"`;
}

function jsonLine(method: string, index: number): string {
  const id = index.toString(16).padStart(32, "0");
  return `{"v":1,"t":"1764048182.123","id":"${id}","m":"${method}","s":"201","ok":"OK","uri":"/dav/gallery/${index}.jpg","path":"/dav/gallery/${index}.jpg","file":"/srv/uploads/gallery/${index}.jpg","dest":"","body":"/var/lib/nginx/body/0000000012","ups":"","loc":"http://example.org/dav/gallery/${index}.jpg","xpath":"","ip":"203.0.113.7","user":"","host":"example.org","proto":"HTTP/1.1","type":"image/jpeg","clen":"51234","rlen":"51900","rt":"0.012","ua":"${AGENT}"}`;
}

/** nginx stores small files, its log is renamed four times meanwhile, and the source finds them by the log alone. */
async function measureRequests(count: number): Promise<void> {
  await using site = new LogSite();
  await using nginx = await NginxServer.start({ folder: site.folder, workers: 2 });
  await site.start();
  const startMs = performance.now();
  const name = (index: number): string => `${index % 500}/${index}.jpg`;
  const load = putMany({ port: nginx.port, count, connections: 16, name });
  for (let rotation = 1; rotation <= ROTATIONS; rotation++) {
    const lines = (count * rotation) / (ROTATIONS + 1);
    await until(() => (site.lines >= lines ? true : undefined), { what: "lines", timeoutMs: 1e7 });
    await rotate(site, nginx);
  }
  const stored = await load;
  const loadSeconds = (performance.now() - startMs) / 1000;
  await until(() => (site.seen >= stored && site.isIdle ? true : undefined), {
    what: `${stored} files`,
    timeoutMs: 900_000,
    describe: () => `${site.seen} seen`,
  });
  const seconds = (performance.now() - startMs) / 1000;
  const found = new Set(site.journalled()).size;
  console.log(
    `${stored} stored in ${loadSeconds.toFixed(1)} s, ${ROTATIONS} rotations, all dealt with after ${seconds.toFixed(1)} s; lost ${stored - found}, found twice ${site.seen - found}, losses told ${site.losses.length}, load ${loadavg()[0]?.toFixed(1)}`,
  );
}

async function rotate(site: LogSite, nginx: NginxServer): Promise<void> {
  const log = site.path("logs/uploads.json");
  const old = (await readdir(site.path("logs"))).filter((file) => /json\.\d+$/u.test(file)).length;
  for (let number = old; number > 0; number--) {
    await rename(`${log}.${number}`, `${log}.${number + 1}`);
  }
  await rename(log, `${log}.1`);
  nginx.reopenLogs();
}
