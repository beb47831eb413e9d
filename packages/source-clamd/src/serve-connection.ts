import type { Socket } from "node:net";
import type { ClamdEvents, ClamdLimits, NamedFiles, Scanner } from "./ports.ts";
import { readCommand, type Command } from "./protocol/read-command.ts";
import { InstreamBody } from "./protocol/instream-body.ts";
import { StreamTooLargeError } from "./protocol/read-instream.ts";
import { ConnectionEndedError, ProtocolError, SocketReader } from "./protocol/socket-reader.ts";
import { formatResult, type ScanResult } from "./scan-result.ts";

export interface ConnectionParts {
  readonly scanner: Scanner;
  readonly files: NamedFiles;
  readonly limits: ClamdLimits;
  readonly events: ClamdEvents;
}

/** For so long after our last word a client may still send before the connection is cut. */
const LINGER_MS = 2000;

const COMMANDS =
  "PING VERSION VERSIONCOMMANDS SCAN CONTSCAN MULTISCAN ALLMATCHSCAN INSTREAM IDSESSION END STATS RELOAD";

/**
 * One connection from its first command to its end. Outside of a session it has one command; in a session
 * (`IDSESSION` … `END`) commands are numbered, scans go on while the next command is read, and replies come as they are ready.
 */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #socket: Socket;
  readonly #reader: SocketReader;
  readonly #ended = new AbortController();
  /** Number of the last command; null outside of a session. */
  #number: number | null = null;
  /** Scans of the session whose reply is still to come. */
  readonly #scans = new Set<Promise<void>>();
  /** Scans that are under way. */
  #busy = 0;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#reader = new SocketReader(socket);
    socket.once("close", () => this.#ended.abort());
    socket.setTimeout(parts.limits.idleTimeoutMs, () => this.#idle());
  }

  async serve(): Promise<void> {
    try {
      let goesOn = true;
      while (goesOn) {
        const command = await readCommand(this.#reader, { mayBeBare: this.#number === null });
        if (command === null) break;
        goesOn = await this.#obey(command);
      }
      await Promise.all(this.#scans);
    } catch (error) {
      this.#drop(error);
    }
    this.#end();
  }

  /** @returns whether another command may follow */
  async #obey(command: Command): Promise<boolean> {
    if (this.#number !== null) this.#number += 1;
    const number = this.#number;
    const say = (text: string): void => this.#write(text, command.end, number);
    switch (command.name) {
      case "PING":
        say("PONG");
        break;
      case "VERSION":
        say(`Sluice ${this.#parts.scanner.version}`);
        break;
      case "VERSIONCOMMANDS":
        say(`Sluice ${this.#parts.scanner.version}| COMMANDS: ${COMMANDS}`);
        break;
      case "STATS":
        say(`POOLS: 1\n\nSTATE: VALID PRIMARY\nEND`);
        break;
      case "RELOAD":
        say("RELOADING"); // Models change with a restart of the workers; there is nothing to load here.
        break;
      case "INSTREAM":
        return (await this.#scanStream(command, say)) && number !== null;
      case "SCAN":
      case "CONTSCAN":
      case "MULTISCAN":
      case "ALLMATCHSCAN":
        await this.#scanPath(command, say);
        break;
      case "IDSESSION":
        if (number !== null) throw new ProtocolError("a session in a session");
        this.#number = 0;
        return true;
      case "END":
        return false;
      case "FILDES":
        this.#parts.events.dropped({ reason: "command-unknown" });
        say("FILDES: file descriptors are not taken; use INSTREAM ERROR");
        return false; // The descriptor's byte would be taken for a command.
      default:
        this.#parts.events.dropped({ reason: "command-unknown" });
        say("UNKNOWN COMMAND");
        return false;
    }
    return this.#number !== null;
  }

  /**
   * Reads a stream to its end before the next command is read; in a session the answer is not waited for.
   *
   * @returns whether the next command can be found
   */
  async #scanStream({ name }: Command, say: (text: string) => void): Promise<boolean> {
    const { maxStreamBytes, maxSessionScans } = this.#parts.limits;
    const body = new InstreamBody(this.#reader, maxStreamBytes);
    const scan = this.#answerStream(name, body, say);
    try {
      if (this.#number === null) {
        await scan;
        return true;
      }
      this.#keep(scan);
      await Promise.race([body.wasRead, scan]);
      while (this.#scans.size >= maxSessionScans) await Promise.race(this.#scans);
      return true;
    } catch (error) {
      if (!(error instanceof StreamTooLargeError)) throw error;
      this.#parts.events.dropped({ reason: "too-large" });
      say("INSTREAM size limit exceeded. ERROR");
      return false;
    }
  }

  async #answerStream(
    command: string,
    body: InstreamBody,
    say: (text: string) => void,
  ): Promise<void> {
    const result = await this.#scanBytes(command, body);
    await body.discardRest();
    say(formatResult("stream", result));
  }

  async #scanPath({ name, argument }: Command, say: (text: string) => void): Promise<void> {
    let worst: ScanResult = { kind: "clean" };
    for await (const found of this.#parts.files.find(argument)) {
      const result: ScanResult =
        "refusal" in found ? this.#refuse(found.refusal) : await this.#scanBytes(name, found.bytes);
      if (result.kind === "clean") continue;
      say(formatResult(found.name, result));
      worst = result;
      if (name === "SCAN") break; // clamd stops at the first one
    }
    if (worst.kind === "clean") say(formatResult(printable(argument), worst));
  }

  #refuse(reason: string): ScanResult {
    const cause = "path-refused";
    this.#parts.events.notScanned({ cause });
    return { kind: "error", cause, reason };
  }

  async #scanBytes(command: string, bytes: AsyncIterable<Uint8Array>): Promise<ScanResult> {
    const { scanner, limits, events } = this.#parts;
    this.#busy += 1;
    const timeout = AbortSignal.timeout(limits.answerTimeoutMs);
    try {
      const result = await scanner.scan(bytes, AbortSignal.any([timeout, this.#ended.signal]));
      events.scanned({ command, result: result.kind });
      if (result.kind === "error") events.notScanned({ cause: result.cause });
      return result;
    } finally {
      this.#busy -= 1;
    }
  }

  /** Whoever reads the stream of a session learns of its failure there; a failure after that ends the connection. */
  #keep(scan: Promise<void>): void {
    const kept = scan.then(
      () => void this.#scans.delete(kept),
      (error: unknown) => {
        this.#scans.delete(kept);
        if (!(error instanceof StreamTooLargeError)) this.#drop(error);
      },
    );
    this.#scans.add(kept);
  }

  #write(text: string, end: "\0" | "\n", number: number | null): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return; // Nobody is there any more.
    this.#socket.write(number === null ? `${text}${end}` : `${number}: ${text}${end}`);
  }

  /** While an answer is awaited nobody has to say anything. */
  #idle(): void {
    if (this.#busy > 0) return;
    this.#parts.events.dropped({ reason: "idle" });
    this.#socket.destroy();
  }

  /** What came cannot be understood: a last word, and the end. */
  #drop(error: unknown): void {
    const { events } = this.#parts;
    if (error instanceof ProtocolError) {
      events.dropped({ reason: "protocol" });
      this.#write("COMMAND READ ERROR", "\n", this.#number);
    } else if (error instanceof ConnectionEndedError || this.#ended.signal.aborted) {
      events.dropped({ reason: "broke-off" });
    } else {
      events.failed(error);
      this.#write("not scanned ERROR", "\0", this.#number);
    }
    this.#end();
  }

  /** What is still on its way is read and thrown away: a connection closed over unread bytes takes our last reply with it. */
  #end(): void {
    this.#socket.end();
    this.#socket.resume();
    setTimeout(() => this.#socket.destroy(), LINGER_MS).unref();
  }
}

/** Paths come back as they were sent where that is harmless. */
function printable(path: Buffer): string {
  return path.toString("utf8").replace(/\p{Cc}+/gu, "?");
}
