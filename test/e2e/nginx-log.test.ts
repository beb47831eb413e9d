import { existsSync, symlinkSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LogSite } from "../harness/log-site.ts";
import { NginxServer } from "../harness/nginx-server.ts";
import { makePicture } from "../harness/pictures.ts";
import { sendRaw } from "../harness/raw-http.ts";
import { RunningStack } from "../harness/running-stack.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { siteSettings, TestSite } from "../harness/test-site.ts";

/** Answers every request with some headers, after its body has come; stores what `store` says. */
async function startApplication(
  answer: (path: string) => { status: number; headers: Record<string, string> },
): Promise<{ port: number; server: Server } & AsyncDisposable> {
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const { status, headers } = answer(request.url ?? "");
      response.writeHead(status, headers).end();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return {
    port,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("WebDAV PUT, MOVE and COPY through a real nginx are found by its log alone", async () => {
  await using site = new LogSite();
  await using nginx = await NginxServer.start({ folder: site.folder });
  await site.start();
  expect(await nginx.put("a.jpg", "one")).toBe(201);
  expect(await nginx.put("deep/er/b%20c.jpg?x=%2e%2e", "two")).toBe(201);
  expect(await nginx.put("a.jpg", "again")).toBe(204);
  expect(await nginx.put("moved/from.jpg", "three")).toBe(201);
  const send = async (method: string, to: string): Promise<number> => {
    const headers = { Destination: `http://127.0.0.1:${nginx.port}/dav/${to}` };
    return (await fetch(`${nginx.url}/dav/moved/from.jpg`, { method, headers })).status;
  };
  expect(await send("COPY", "copied.jpg")).toBe(204);
  expect(await send("MOVE", "moved/to.jpg")).toBe(204);
  await site.settle(6);
  // What was moved away may have been seen before.
  expect(site.journalled().filter((path) => path !== "moved/from.jpg")).toEqual([
    "a.jpg",
    "copied.jpg",
    "deep/er/b c.jpg",
    "moved/to.jpg",
  ]);
  expect(site.refused).toEqual([]);
});

test("an application names what it stored by a header that clients never see, or by a Location", async () => {
  await using site = new LogSite();
  await using application = await startApplication((path) =>
    path.endsWith("form")
      ? { status: 303, headers: { Location: "http://169.254.169.254/dav/by-location.jpg" } }
      : { status: 200, headers: { "X-Upload-Path": "in/one%20x.jpg, two.png,../../etc/passwd" } },
  );
  await using nginx = await NginxServer.start({
    folder: site.folder,
    applicationPort: application.port,
    change: (text) => text.replace("location = /upload", "location /upload"),
  });
  await site.start();
  await mkdir(site.path("uploads/in"));
  for (const name of ["in/one x.jpg", "two.png", "by-location.jpg"]) {
    await writeFile(site.path(`uploads/${name}`), name);
  }
  const answer = await fetch(`${nginx.url}/upload`, { method: "POST", body: "form" });
  expect([answer.status, answer.headers.get("x-upload-path")]).toEqual([200, null]);
  await fetch(`${nginx.url}/upload/form`, { method: "POST", body: "form", redirect: "manual" });
  await site.settle(2);
  expect(site.journalled()).toEqual(["by-location.jpg", "in/one x.jpg", "two.png"]);
  expect(site.refused).toEqual(["outside"]);
});

test("names with every kind of byte arrive as they are, and no request can forge a line or leave the folder", async () => {
  await using site = new LogSite();
  await using nginx = await NginxServer.start({ folder: site.folder });
  await site.start();
  await writeFile(site.path("secret.jpg"), "outside");
  const put = (target: string, agent = "x"): Promise<string> =>
    sendRaw(
      nginx.port,
      Buffer.from(
        `PUT ${target} HTTP/1.1\r\nHost: x\r\nUser-Agent: ${agent}\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc`,
        "latin1",
      ),
    );
  const names = [
    "new%0Aline",
    "quote%22",
    "%1B%5B31mred",
    "bad%FF%FEname",
    "tab%09",
    "back%5Cslash",
    "%252e%252e",
    "dash-",
  ];
  for (const name of names) expect(await put(`/dav/${name}.jpg`)).toContain(" 201 ");
  const forged = '{"v":1,"m":"PUT","s":"201","file":"' + site.path("uploads/forged.jpg") + '"}';
  await put("/dav/agent.jpg", `a","file":"${site.path("uploads/forged.jpg")}","x":"\\`);
  await put(`/dav/uri%0A${encodeURIComponent(forged).replaceAll("%2F", "_")}.jpg`);
  const ways = [
    "/dav/../secret.jpg",
    "/dav/%2e%2e/secret.jpg",
    "/dav/..%2fsecret.jpg",
    "/dav/a/../../secret.jpg",
    "/dav/%00.jpg",
    "/dav/..%5csecret.jpg",
  ];
  const answers = [];
  for (const way of ways) answers.push(Number(/ (\d{3}) /u.exec(await put(way))?.[1]));
  const log = (await readFile(site.path("logs/uploads.json"), "latin1")).split("\n").length - 1;
  await site.settle(log);
  const stored = names.map((name) => decodeBytes(`${name}.jpg`));
  expect(site.journalled()).toEqual(expect.arrayContaining([...stored, "agent.jpg"]));
  expect(
    site
      .journalled()
      .some(
        (path) =>
          path.startsWith("forged") || (path.includes("secret.jpg") && !path.includes("\\")),
      ),
  ).toBe(false);
  expect(site.results["other-format"]).toBeUndefined();
  expect(await readFile(site.path("secret.jpg"), "utf8")).toBe("outside");
});

function decodeBytes(text: string): string {
  return text.replace(/%(..)/gu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

test("a link in the place of a directory or file leads nowhere, and inside the folder to the file's one name", async () => {
  await using site = new LogSite();
  await using nginx = await NginxServer.start({ folder: site.folder });
  await mkdir(site.path("elsewhere"));
  await mkdir(site.path("uploads/real"));
  symlinkSync(site.path("elsewhere"), site.path("uploads/out"));
  symlinkSync(site.path("uploads/real"), site.path("uploads/alias"));
  await writeFile(site.path("elsewhere/target.jpg"), "outside");
  symlinkSync(site.path("elsewhere/target.jpg"), site.path("uploads/link.jpg"));
  expect(await nginx.put("out/a.jpg", "stored outside by nginx")).toBe(201);
  expect(await nginx.put("alias/b.jpg", "b")).toBe(201);
  expect(existsSync(site.path("elsewhere/a.jpg"))).toBe(true);
  // As if somebody had replaced a.jpg by a link between its line and our look.
  await writeFile(
    site.path("logs/uploads.json"),
    (await readFile(site.path("logs/uploads.json"), "latin1")).replaceAll("out/a.jpg", "link.jpg"),
    { flag: "a" },
  );
  await site.start();
  await site.settle(4);
  expect(site.journalled()).toEqual(["real/b.jpg"]);
  expect(site.results).toMatchObject({ outside: 1, symlink: 1 });
});

test("a client that leaves is a maybe: the file is looked for, a listing is asked for, and nothing is certain", async () => {
  await using site = new LogSite();
  await using application = await startApplication(() => ({ status: 200, headers: {} }));
  application.server.removeAllListeners("request");
  const arrived = Promise.withResolvers<void>();
  application.server.on("request", (request) =>
    request.resume().on("end", () => arrived.resolve()),
  );
  await using nginx = await NginxServer.start({
    folder: site.folder,
    applicationPort: application.port,
  });
  await site.start();
  const leaving = new AbortController();
  const request = fetch(`${nginx.url}/upload`, {
    method: "POST",
    body: "x",
    signal: leaving.signal,
  });
  request.catch(() => undefined);
  await arrived.promise;
  leaving.abort();
  await site.settle(1);
  expect(site.listings).toBe(1);
  expect(site.journalled()).toEqual([]);
});

test("nothing is there where the log should be: it waits, and reads it when it comes", async () => {
  await using site = new LogSite();
  await site.start();
  await using nginx = await NginxServer.start({ folder: site.folder });
  expect(await nginx.put("late.jpg", "x")).toBe(201);
  await rename(site.path("logs/uploads.json"), site.path("logs/uploads.json.1"));
  nginx.reopenLogs();
  expect(await nginx.put("later.jpg", "x")).toBe(201);
  await site.settle(2);
  expect(site.journalled()).toEqual(["late.jpg", "later.jpg"]);
});

test("through the whole of Sluice: what nginx stores passes the gate, or does not", async () => {
  await using redis = await TestRedis.start();
  await using site = await TestSite.make({ mode: "gate" });
  await site.configure({
    ...siteSettings("gate"),
    sources: [
      {
        name: "web",
        kind: "nginx-log",
        root: "uploads",
        logs: [join("nginx", "logs", "*.json")],
        uris: [{ prefix: "/dav/" }],
        settleMs: 0,
        listing: false,
      },
    ],
  });
  await using nginx = await NginxServer.start({
    folder: site.path("nginx"),
    change: (text) => text.replaceAll(site.path("nginx", "uploads"), site.uploads),
  });
  await using stack = await RunningStack.start({ site, redisUrl: redis.url });
  expect(await nginx.put("album/good.jpg", await makePicture("flower", 3))).toBe(201);
  expect(await nginx.put("album/bad.jpg", await makePicture("target", 3))).toBe(201);
  await stack.waitForDecisions(2);
  await stack.waitUntilIdle();
  expect(existsSync(join(site.published, "album/good.jpg"))).toBe(true);
  expect(existsSync(join(site.published, "album/bad.jpg"))).toBe(false);
  expect(stack.decisions()).toHaveLength(2);
});
