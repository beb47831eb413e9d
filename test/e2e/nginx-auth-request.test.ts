import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { FORBIDDEN_KIND } from "@sluice/demo-models";
import { expect, test } from "vitest";
import { NginxServer } from "../harness/nginx-server.ts";
import { makePicture } from "../harness/pictures.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";

const PORT = 18_490;
const KEY = "a-key-that-nginx-has";

async function makeSite(): Promise<TestSite> {
  const site = await TestSite.make({ mode: "sweep" });
  for (const name of ["spool", "media"]) await mkdir(site.path(name));
  const key = {
    name: "nginx",
    sha256: createHash("sha256").update(KEY).digest("hex"),
    scopes: ["scan", "reference"],
  };
  await site.configure({
    ...siteSettings("sweep"),
    roots: { spool: { folder: "spool" }, media: { folder: "media" } },
    sources: [
      { name: "hook", kind: "http", root: "spool", port: PORT, keys: [key], refusalStatus: 403 },
    ],
    policies: { default: { mode: "answer", forbidden: [{ label: FORBIDDEN_KIND, review: 0.2 }] } },
  });
  return site;
}

/** The locations and the map that ship in infra/nginx, with the places and the key of the test. */
async function startNginx(site: TestSite): Promise<NginxServer> {
  const file = join(import.meta.dirname, "../../infra/nginx/ask-sluice.conf");
  const shipped = (await readFile(file, "utf8"))
    .replaceAll("/srv/site/media", site.path("media"))
    .replaceAll("127.0.0.1:8470", `127.0.0.1:${PORT}`)
    .replaceAll("KEY", KEY);
  const at = shipped.indexOf("server {");
  return await NginxServer.start({
    folder: site.path("nginx"),
    more: shipped.slice(0, at),
    change: (example) => {
      const listen = /listen 127\.0\.0\.1:\d+;/u.exec(example)?.[0] ?? "";
      return shipped.slice(at).replace("listen 8080;", listen);
    },
  });
}

/** Of a request for an address as it is, which `fetch` would tidy up. */
async function statusOf(port: number, path: string): Promise<number | undefined> {
  const [response]: IncomingMessage[] = await once(get({ port, path, agent: false }), "response");
  response?.resume();
  return response?.statusCode;
}

test("nginx shows what Sluice allows, and nothing that is forbidden, not scanned, or asked about in two ways", async () => {
  await using redis = await TestRedis.start();
  await using site = await makeSite();
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  await mkdir(site.path("nginx"));
  await using nginx = await startNginx(site);
  const fish = await makePicture("fish", 1);
  await writeFile(site.path("media", "fish one.jpg"), fish);
  await writeFile(Buffer.from(`${site.path("media")}/caf\xe9\n.jpg`, "latin1"), fish);
  await writeFile(site.path("media", "bad.jpg"), await makePicture("target", 1));
  await writeFile(site.path("media", "bad.jpg#x"), fish);
  await writeFile(site.path("media", "notes.jpg"), "no picture");
  await writeFile(site.path("secret.jpg"), fish);
  const status = async (path: string) => await statusOf(nginx.port, `/media/${path}`);
  expect(await status("fish%20one.jpg")).toBe(200);
  expect(await status("caf%E9%0A.jpg?width=100")).toBe(200);
  expect(await status("bad.jpg")).toBe(403);
  expect(await status("b%61d.jpg")).toBe(403);
  expect(await status("notes.jpg")).toBe(403);
  const others = ["bad.jpg#x", "x/../bad.jpg", "/bad.jpg", "none.jpg", "%2e%2e/secret.jpg"];
  for (const path of others) expect(await status(path)).toBeGreaterThanOrEqual(400);
  await stack.stop();
  expect(await status("fish%20one.jpg")).toBeGreaterThanOrEqual(500);
});
