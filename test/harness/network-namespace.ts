import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { requireProgram } from "./debian-program.ts";

const run = promisify(execFile);

/**
 * A network of its own for some process, as on another host, joined to this one by a cable that can be cut. Needs root and
 * `ip` (Debian: iproute2).
 */
export class NetworkNamespace implements AsyncDisposable {
  /** This side's address on the cable. */
  readonly hostAddress: string;
  readonly #name: string;
  readonly #cable: string;

  private constructor(
    name: string,
    { cable, hostAddress }: { cable: string; hostAddress: string },
  ) {
    this.#name = name;
    this.#cable = cable;
    this.hostAddress = hostAddress;
  }

  static async open(): Promise<NetworkNamespace> {
    requireProgram("ip", "iproute2");
    const id = process.pid % 4000;
    const [name, cable, end] = [`sluice-${id}`, `sluice-a${id}`, `sluice-b${id}`];
    const network = `10.213.${id >> 4}`;
    const first = (id & 15) * 16;
    const namespace = new NetworkNamespace(name, { cable, hostAddress: `${network}.${first + 1}` });
    await ip("netns", "add", name);
    await ip("link", "add", cable, "type", "veth", "peer", "name", end, "netns", name);
    await ip("address", "add", `${namespace.hostAddress}/28`, "dev", cable);
    await ip("link", "set", cable, "up");
    await ip("-n", name, "address", "add", `${network}.${first + 2}/28`, "dev", end);
    await ip("-n", name, "link", "set", end, "up");
    await ip("-n", name, "link", "set", "lo", "up");
    return namespace;
  }

  /** The command line that runs a program in there. */
  inside(program: string, args: readonly string[]): readonly [string, readonly string[]] {
    return ["ip", ["netns", "exec", this.#name, program, ...args]];
  }

  /** Nothing gets through any more; connections do not notice at once. */
  async cut(): Promise<void> {
    await ip("link", "set", this.#cable, "down");
  }

  async mend(): Promise<void> {
    await ip("link", "set", this.#cable, "up");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ip("netns", "delete", this.#name);
  }
}

async function ip(...args: readonly string[]): Promise<void> {
  await run("ip", args);
}
