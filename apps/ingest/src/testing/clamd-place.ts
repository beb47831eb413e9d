import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UploadPlace } from "./upload-conformance.ts";

/** A clamd source with a spool of its own, and a scanner's client that asks it. */
export async function makeClamdPlace(): Promise<UploadPlace> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-clamd-"));
  const socket = join(folder, "clamd.sock");
  const open: Socket[] = [];
  const dial = (): Socket => {
    const opened = connect(socket);
    opened.on("error", () => undefined); // the listener ends them when it stops
    open.push(opened);
    return opened;
  };
  const source = { kind: "clamd", socket, reconcileEveryMs: undefined };
  return {
    settings: { root: { folder: join(folder, "spool") }, source },
    async upload(content) {
      const session = dial();
      session.write(Buffer.concat([Buffer.from("zIDSESSION\0"), instream(content)]));
      // What is wrong with the upload is told before the second answer; that it is right only when it is decided.
      const first = await ping(session);
      const told = first + (await ping(session));
      if (told.includes("ERROR")) throw new Error(told);
    },
    async breakOff() {
      const broken = dial();
      broken.resume();
      broken.end(Buffer.concat([Buffer.from("zINSTREAM\0"), length32(9), Buffer.from("half")]));
      await once(broken, "close");
    },
    async [Symbol.asyncDispose]() {
      for (const one of open) one.destroy();
      await rm(folder, { recursive: true });
    },
  };
}

/** Everything that is told up to the answer. */
async function ping(session: Socket): Promise<string> {
  session.write("zPING\0");
  let told = "";
  while (!told.includes("PONG")) {
    const [piece]: Buffer[] = await once(session, "data");
    told += String(piece);
  }
  return told;
}

function instream(content: string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from("zINSTREAM\0"), length32(bytes.length), bytes, length32(0)]);
}

function length32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
