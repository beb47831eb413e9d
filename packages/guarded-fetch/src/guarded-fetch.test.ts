import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { isPublicAddress } from "./address-rule.ts";
import { FetchFailedError, FetchRefusedError } from "./fetch-error.ts";
import { GuardedFetch, type GuardedFetchOptions } from "./guarded-fetch.ts";

const never = new AbortController().signal;

/** A server on this machine that counts who reached it. */
async function serve(handle: RequestListener, host = "127.0.0.1") {
  const hosts: string[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host ?? "");
    handle(request, response);
  }).listen(0, host);
  await once(server, "listening");
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("expected a port");
  return { port: address.port, hosts };
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** As configured for these origins, with this machine's first address permitted so that servers can be tried. */
function guard(
  origins: readonly string[],
  change: Partial<GuardedFetchOptions> = {},
): GuardedFetch {
  const fetch = new GuardedFetch({
    origins,
    maxBytes: 1000,
    maxRedirects: 2,
    connectTimeoutMs: 2000,
    timeoutMs: 5000,
    isPermitted: (address) => address === "127.0.0.1",
    lookup: async () => await Promise.resolve(["127.0.0.1"]),
    ...change,
  });
  closers.push(async () => await fetch[Symbol.asyncDispose]());
  return fetch;
}

async function read(fetch: GuardedFetch, address: string, signal = never): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const bytes of fetch.read(address, signal)) parts.push(bytes);
  return Buffer.concat(parts).toString("utf8");
}

async function refusalOf(fetch: GuardedFetch, address: string): Promise<string> {
  try {
    await read(fetch, address);
  } catch (error) {
    if (error instanceof FetchRefusedError) return error.reason;
    if (error instanceof FetchFailedError) return "failed";
    throw error;
  }
  return "fetched";
}

test("an address of an origin on the list is fetched, under its own name", async () => {
  const { port, hosts } = await serve((_, response) => response.end("bytes"));
  const origin = `http://img.example.org:${port}`;
  expect(await read(guard([origin]), `${origin}/a.jpg?x=1`)).toBe("bytes");
  expect(hosts).toEqual([`img.example.org:${port}`]);
});

describe("by default nothing on this machine or its networks is reached", () => {
  test.each([
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "localhost",
  ])("%s", async (host) => {
    const v4 = await serve((_, response) => response.end("reached"));
    const origin = new URL(`http://${host}:${v4.port}`).origin;
    const fetch = new GuardedFetch({
      origins: [origin],
      maxBytes: 1000,
      maxRedirects: 2,
      connectTimeoutMs: 2000,
      timeoutMs: 5000,
    });
    closers.push(async () => await fetch[Symbol.asyncDispose]());
    expect(await refusalOf(fetch, `http://${host}:${v4.port}/`)).toBe("private-address");
    expect(v4.hosts).toEqual([]);
  });
});

test.each([
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "198.18.0.1",
  "192.0.2.1",
  "203.0.113.9",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "fe80::1",
  "fc00::1",
  "fec0::1",
  "ff02::1",
  "::ffff:10.0.0.1",
  "64:ff9b::a00:1",
  "2002:7f00:1::",
  "2001::1",
  "2001:db8::1",
  "fe80::1%eth0",
  "",
  "x",
])("%s is no public address", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each(["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111"])("%s is one", (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test("a name that changes its address between check and connection is connected to what was checked", async () => {
  const good = await serve((_, response) => response.end("good"));
  const evil = await serve((_, response) => response.end("evil"), "127.0.0.2");
  let asked = 0;
  const lookup = async () => await Promise.resolve([asked++ === 0 ? "127.0.0.1" : "127.0.0.2"]);
  const origin = `http://rebinding.example.org:${good.port}`;
  expect(await read(guard([origin], { lookup }), `${origin}/`)).toBe("good");
  expect(asked).toBe(1);
  const other = `http://rebinding.example.org:${evil.port}`;
  expect(await refusalOf(guard([other], { lookup }), `${other}/`)).toBe("private-address");
  expect(evil.hosts).toEqual([]);
});

test("one private address among public ones is enough to refuse a name", async () => {
  const { port, hosts } = await serve((_, response) => response.end("x"));
  const origin = `http://mixed.example.org:${port}`;
  const lookup = async () => await Promise.resolve(["127.0.0.1", "10.0.0.1"]);
  expect(await refusalOf(guard([origin], { lookup }), `${origin}/`)).toBe("private-address");
  expect(hosts).toEqual([]);
});

test("a redirect is checked like the first address: its origin, its scheme and where it leads", async () => {
  const hidden = await serve((_, response) => response.end("hidden"), "127.0.0.2");
  const { port } = await serve((request, response) => {
    response.writeHead(302, { location: decodeURIComponent(request.url?.slice(2) ?? "") }).end();
  });
  const origin = `http://img.example.org:${port}`;
  const inside = `http://127.0.0.2:${hidden.port}`;
  const follow = async (to: string) =>
    await refusalOf(guard([origin, inside]), `${origin}/?${encodeURIComponent(to)}`);
  expect(await follow(`${inside}/`)).toBe("private-address");
  expect(await follow("http://169.254.169.254/latest/meta-data")).toBe("origin");
  expect(await follow("file:///etc/passwd")).toBe("scheme");
  expect(await follow(`http://user:secret@img.example.org:${port}/`)).toBe("credentials");
  expect(await follow("http://[")).toBe("not-an-address");
  expect(await follow(`/?${encodeURIComponent("/?/")}`)).toBe("redirects");
  expect(hidden.hosts).toEqual([]);
});

test("what is not on the list is refused before anything is resolved", async () => {
  let asked = 0;
  const lookup = async () => await Promise.resolve([`127.0.0.${++asked}`]);
  const fetch = guard(["https://img.example.org"], { lookup });
  for (const address of [
    "http://img.example.org/",
    "https://img.example.org:8443/",
    "https://img.example.org.evil.example/",
    "https://evil.example/https://img.example.org/",
    "https://img.example.org@evil.example/",
    "//img.example.org/",
    "/a.jpg",
    "ftp://img.example.org/",
    "javascript:x",
    "",
  ]) {
    expect(await refusalOf(fetch, address)).toMatch(
      /^(?:origin|credentials|scheme|not-an-address)$/u,
    );
  }
  expect(asked).toBe(0);
});

test("too many bytes are refused, told beforehand or not, and an endless body ends", async () => {
  const { port } = await serve((request, response) => {
    if (request.url === "/told") response.writeHead(200, { "content-length": "1001" });
    const send = (): void => {
      if (!response.destroyed) response.write("x".repeat(100), () => setImmediate(send));
    };
    send();
  });
  const origin = `http://img.example.org:${port}`;
  expect(await refusalOf(guard([origin]), `${origin}/told`)).toBe("too-large");
  expect(await refusalOf(guard([origin]), `${origin}/endless`)).toBe("too-large");
});

test("a slow body, a silent server and a stop end it", async () => {
  const { port } = await serve((request, response) => {
    if (request.url === "/slow") response.write("x");
  });
  const origin = `http://img.example.org:${port}`;
  const fetch = guard([origin], { timeoutMs: 200 });
  expect(await refusalOf(fetch, `${origin}/slow`)).toBe("failed");
  expect(await refusalOf(fetch, `${origin}/silent`)).toBe("failed");
  const stop = new AbortController();
  const reading = read(guard([origin]), `${origin}/slow`, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(reading).rejects.toThrow("stopped");
});

test.each([
  [404, "status"],
  [204, "status"],
  [206, "status"],
  [304, "status"],
  [302, "status"],
  [500, "failed"],
  [429, "failed"],
])("an answer %i is %s", async (status, expected) => {
  const { port } = await serve((_, response) => response.writeHead(status).end());
  const origin = `http://img.example.org:${port}`;
  expect(await refusalOf(guard([origin]), `${origin}/`)).toBe(expected);
});

test("a proxy of the environment is not used", async () => {
  const proxy = await serve((_, response) => response.end("proxied"));
  process.env["http_proxy"] = `http://127.0.0.1:${proxy.port}`;
  process.env["HTTP_PROXY"] = `http://127.0.0.1:${proxy.port}`;
  try {
    const { port } = await serve((_, response) => response.end("direct"));
    const origin = `http://img.example.org:${port}`;
    expect(await read(guard([origin]), `${origin}/`)).toBe("direct");
    expect(proxy.hosts).toEqual([]);
  } finally {
    delete process.env["http_proxy"];
    delete process.env["HTTP_PROXY"];
  }
});
