import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerSchema } from "@sluice/contracts";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { startClamdServer, type ClamdAddress } from "./clamd-server.ts";
import type { ClamdLimits, NamedFiles, Scanner } from "./ports.ts";
import { toScanResult } from "./scan-result.ts";

const LIMITS: ClamdLimits = {
  maxStreamBytes: 1000,
  maxConnections: 20,
  idleTimeoutMs: 5000,
  answerTimeoutMs: 5000,
  maxSessionScans: 4,
};

/** Finds what begins with "bad", does not understand "odd", and forgets to answer "slow" until told. */
async function listen(limits: Partial<ClamdLimits> = {}, address?: ClamdAddress) {
  const seen: string[] = [];
  const told: string[] = [];
  const causes: string[] = [];
  const notScanned = (cause: string, reason: string) => ({ kind: "error", cause, reason }) as const;
  const scanner: Scanner = {
    version: "test",
    async scan(bytes, signal) {
      const parts: Uint8Array[] = [];
      for await (const part of bytes) parts.push(part);
      const text = Buffer.concat(parts).toString("latin1");
      seen.push(text);
      if (text.startsWith("slow")) await once(signal, "abort");
      if (signal.aborted) return notScanned("late", "no answer in time");
      if (text.startsWith("bug")) throw new Error("a bug");
      if (text.startsWith("odd")) {
        return notScanned("not-an-image", "not scanned (not-an-image)");
      }
      return text.startsWith("bad")
        ? { kind: "found", name: "Image.Forbidden.target" }
        : { kind: "clean" };
    },
  };
  const files: NamedFiles = {
    async *find(path) {
      await Promise.resolve();
      const name = path.toString("utf8");
      if (!name.startsWith("/srv/")) yield { name, refusal: "not below an allowed folder" };
      for (const content of name.startsWith("/srv/") ? name.slice(5).split(",") : []) {
        yield {
          name: `/srv/${content}`,
          bytes: (async function* () {
            yield Buffer.from(content);
          })(),
        };
      }
    },
  };
  const server = await startClamdServer(address ?? { host: "127.0.0.1", port: 0 }, {
    scanner,
    files,
    limits: { ...LIMITS, ...limits },
    events: {
      scanned: ({ result }) => told.push(result),
      notScanned: ({ cause }) => causes.push(cause),
      dropped: ({ reason }) => told.push(reason),
      failed: (error) => told.push(String(error)),
    },
  });
  onTestFinished(async () => await server[Symbol.asyncDispose]());
  return { port: server.port ?? 0, seen, told, causes };
}

function open(port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.on("error", () => undefined);
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Sends bytes and gives everything that came until the server ended. */
async function ask(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = open(port);
  for (const part of parts) socket.write(part);
  return await readAll(socket);
}

async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const piece of socket) text += String(piece);
  return text;
}

/** A stream as INSTREAM sends it, in pieces of these lengths. */
function instream(content: string, lengths: readonly number[] = [content.length]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const length of lengths) {
    const piece = Buffer.from(content.slice(at, at + length), "latin1");
    at += length;
    if (piece.length > 0) parts.push(length32(piece.length), piece);
  }
  return Buffer.concat([...parts, length32(0)]);
}

function length32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

test.each([
  ["zPING\0", "PONG\0"],
  ["nPING\n", "PONG\n"],
  ["PING\n", "PONG\n"],
  ["PING\r\n", "PONG\n"],
  ["zVERSION\0", "Sluice test\0"],
  ["nVERSIONCOMMANDS\n", expect.stringMatching(/^Sluice test\| COMMANDS: .*INSTREAM.*\n$/u)],
  ["zSTATS\0", expect.stringMatching(/END\0$/u)],
  ["zRELOAD\0", "RELOADING\0"],
  ["zWHAT\0", "UNKNOWN COMMAND\0"],
  ["zFILDES\0", expect.stringMatching(/use INSTREAM ERROR\0$/u)],
  ["", ""],
])("%j is answered %j and the connection ends", async (sent, expected) => {
  const { port } = await listen();
  const socket = open(port);
  socket.end(sent);
  expect(await readAll(socket)).toEqual(expected);
});

test.each([
  ["good", "stream: OK\0"],
  ["bad", "stream: Image.Forbidden.target FOUND\0"],
  ["odd", "stream: not scanned (not-an-image) ERROR\0"],
])("a stream that is %s", async (content, reply) => {
  const { port, seen } = await listen();
  expect(await ask(port, "zINSTREAM\0", instream(content))).toBe(reply);
  expect(seen).toEqual([content]);
});

test("however a session is cut into pieces and packets, every stream arrives as it was and every reply has its number", async () => {
  const { port, seen } = await listen();
  const content = fc.string({ unit: fc.constantFrom("a", "b", "\0", "\n"), maxLength: 200 });
  const session = fc.array(
    fc.record({ content, lengths: fc.array(fc.nat(80), { maxLength: 8 }) }),
    {
      minLength: 1,
      maxLength: 5,
    },
  );
  await fc.assert(
    fc.asyncProperty(session, fc.array(fc.integer({ min: 1, max: 90 })), async (streams, cuts) => {
      seen.length = 0;
      const body = streams.map(({ content: text, lengths }) =>
        Buffer.concat([Buffer.from("zINSTREAM\0"), instream(text, [...lengths, text.length])]),
      );
      const all = Buffer.concat([Buffer.from("zIDSESSION\0"), ...body, Buffer.from("zEND\0")]);
      const socket = open(port);
      let at = 0;
      for (const cut of [...cuts, all.length]) {
        if (at < all.length) socket.write(all.subarray(at, at + cut));
        at += cut;
        await new Promise(setImmediate);
      }
      socket.end();
      const replies = (await readAll(socket)).split("\0").filter((reply) => reply !== "");
      expect(replies.toSorted()).toEqual(streams.map((_, i) => `${i + 1}: stream: OK`));
      expect(seen.toSorted()).toEqual(streams.map(({ content: text }) => text).toSorted());
    }),
    { numRuns: 40 },
  );
});

test("in a session a slow answer does not hold up the next, and each has its number", async () => {
  const { port } = await listen({ answerTimeoutMs: 300 });
  const reply = await ask(
    port,
    "nIDSESSION\n",
    "nINSTREAM\n",
    instream("slow"),
    "nPING\n",
    "nINSTREAM\n",
    instream("bad"),
    "nEND\n",
  );
  expect(reply.split("\n").toSorted()).toEqual([
    "",
    "1: stream: no answer in time ERROR",
    "2: PONG",
    "3: stream: Image.Forbidden.target FOUND",
  ]);
});

test("a stream above the limit is an error with clamd's own words, and the connection ends", async () => {
  const { port, told } = await listen();
  const reply = await ask(port, "zINSTREAM\0", instream("x".repeat(1001)), "more".repeat(100_000));
  expect(reply).toBe("INSTREAM size limit exceeded. ERROR\0");
  expect(told).toEqual(["too-large"]);
});

test("a length of four gigabytes is refused before anything is kept", async () => {
  const { port } = await listen();
  expect(await ask(port, "zINSTREAM\0", Buffer.from([255, 255, 255, 255]))).toMatch(
    /limit exceeded/u,
  );
});

test("a stream that breaks off is no upload that was scanned", async () => {
  const { port, seen, told } = await listen();
  const socket = open(port);
  socket.end(Buffer.concat([Buffer.from("zINSTREAM\0"), length32(100), Buffer.from("half")]));
  expect(await readAll(socket)).toBe("");
  expect([seen, told]).toEqual([[], ["broke-off"]]);
});

test("SCAN stops at the first that is found, CONTSCAN goes on, and a clean one is told under its path", async () => {
  const { port, causes } = await listen();
  expect(await ask(port, "zSCAN /srv/good,bad,bad2\0")).toBe(
    "/srv/bad: Image.Forbidden.target FOUND\0",
  );
  expect(await ask(port, "zCONTSCAN /srv/bad,odd,good\0")).toBe(
    "/srv/bad: Image.Forbidden.target FOUND\0/srv/odd: not scanned (not-an-image) ERROR\0",
  );
  expect(await ask(port, "SCAN /srv/good\n")).toBe("/srv/good: OK\n");
  expect(await ask(port, "zSCAN /etc/passwd\0")).toBe(
    "/etc/passwd: not below an allowed folder ERROR\0",
  );
  expect(causes).toEqual(["not-an-image", "path-refused"]);
});

test.each([
  ["an endless command", "z".padEnd(10_000, "x"), "protocol"],
  ["a bare command in a session", "zIDSESSION\0PING\n", "protocol"],
  ["a session in a session", "zIDSESSION\0zIDSESSION\0", "protocol"],
])("%s ends the connection", async (_, sent, reason) => {
  const { port, told } = await listen();
  expect(await ask(port, sent)).toMatch(/COMMAND READ ERROR/u);
  expect(told).toEqual([reason]);
});

test("who says nothing is put out; who waits for an answer is not", async () => {
  const { port, told } = await listen({ idleTimeoutMs: 100, answerTimeoutMs: 400 });
  const silent = open(port);
  const waiting = ask(port, "zINSTREAM\0", instream("slow"));
  await readAll(silent);
  expect(told).toEqual(["idle"]);
  expect(await waiting).toBe("stream: no answer in time ERROR\0");
});

test("connections above the limit are dropped and counted; the others go on", async () => {
  const { port, told } = await listen({ maxConnections: 1 });
  const held = open(port);
  await once(held, "connect");
  expect(await ask(port, "zPING\0").catch(() => "")).toBe("");
  expect(told).toEqual(["too-many-connections"]);
  held.end("zPING\0");
  expect(await readAll(held)).toBe("PONG\0");
});

test("a bug is an error, never OK, and the listener goes on", async () => {
  const { port, told } = await listen();
  expect(await ask(port, "zINSTREAM\0", instream("bug"))).toBe("not scanned ERROR\0");
  expect(told).toEqual(["Error: a bug"]);
  expect(await ask(port, "zPING\0")).toBe("PONG\0");
});

test("a stale socket is taken over, one in use and one that is a file are refused", async () => {
  const socketPath = join(await mkdtemp(join(tmpdir(), "sluice-clamd-")), "clamd.sock");
  await listen({}, { socketPath, mode: 0o660 });
  await expect(listen({}, { socketPath, mode: 0o660 })).rejects.toThrow(/another program listens/u);
  const file = `${socketPath}.txt`;
  await writeFile(file, "");
  await expect(listen({}, { socketPath: file, mode: 0o660 })).rejects.toMatchObject({
    code: "CLAMD_UNAVAILABLE",
    message: expect.stringMatching(/it is no socket/u),
  });
});

test("only what was scanned and allowed is clean, and names have no spaces or colons", () => {
  const answer = (change: object) =>
    answerSchema.parse({
      decision: "allow",
      rule: { kind: "nothing-forbidden" },
      unscannable: null,
      scores: [],
      ensembleDigest: "d".repeat(64),
      classifiedAtMs: 1,
      decidedAtMs: 1,
      ...change,
    });
  expect(toScanResult(answer({}))).toEqual({ kind: "clean" });
  const rule = { kind: "forbidden", label: "assault rifle: Gewehr, größer\n" };
  expect(toScanResult(answer({ decision: "quarantine", rule }))).toEqual({
    kind: "found",
    name: "Image.Forbidden.assault-rifle-Gewehr-gro-er".replace("gro-er", toName("größer")),
  });
  expect(toScanResult(answer({ decision: "review", rule: { kind: "damaged" } }))).toEqual({
    kind: "found",
    name: "Image.Review.damaged",
  });
  for (const decision of ["allow", "review", "quarantine"]) {
    const unscannable = "not-an-image";
    expect(toScanResult(answer({ decision, unscannable }))).toMatchObject({ kind: "error" });
  }
  expect(toScanResult(answer({ decision: "gone" })).kind).toBe("error");
});

/** As names are made plain: letters with marks fall apart, and what is no ASCII letter becomes a dash. */
function toName(text: string): string {
  return text.normalize("NFKD").replace(/[^\w.-]+/gu, "-");
}
