import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LogCheckpoint } from "@sluice/sources";
import fc from "fast-check";
import { expect, test } from "vitest";
import { silentEvents } from "../testing/silent-events.ts";
import { forEachLine } from "./line-cutter.ts";
import { LogTail } from "./log-tail.ts";

const ROTATE_WAIT_MS = 5000;

/** What nginx, logrotate and we may do to a log, in any order. */
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant("write" as const),
        lines: fc.integer({ min: 1, max: 40 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("write-late" as const),
        lines: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ do: "read" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "rename" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "copytruncate" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "gzip" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "kill" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "wait" as const }) },
  ),
  { minLength: 1, maxLength: 30 },
);

/** Copied, emptied and renamed between two looks, with a late line in the emptied file. */
const COPIED_AND_RENAMED = [
  { do: "write" as const, lines: 1 },
  { do: "read" as const },
  { do: "copytruncate" as const },
  { do: "rename" as const },
  { do: "write" as const, lines: 1 },
  { do: "write-late" as const, lines: 1 },
  { do: "gzip" as const },
];

class Site {
  readonly folder = mkdtempSync(join(tmpdir(), "sluice-rotation-"));
  readonly log = join(this.folder, "access.log");
  readonly read: string[] = [];
  written = 0;
  nowMs = 1_000_000;
  /** As SQLite would hold them. */
  checkpoints: readonly LogCheckpoint[] = [];
  #tail: LogTail | null = null;

  constructor() {
    writeFileSync(this.log, "");
  }

  /** The 256 first bytes are never the same in two files, as with a time in milliseconds. */
  write(file: string, lines: number): void {
    for (let line = 0; line < lines; line++)
      appendFileSync(file, `line ${this.written++} ${"x".repeat(20)}\n`);
  }

  rotated(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.startsWith("access.log."))
      .sort();
  }

  /** Moves .1 to .2 and so on, as logrotate does. */
  shift(): void {
    for (const name of this.rotated().toReversed()) {
      const [, number = "", gz = ""] = /\.(\d+)(\.gz)?$/u.exec(name) ?? [];
      renameSync(join(this.folder, name), `${this.log}.${Number(number) + 1}${gz}`);
    }
  }

  gzip(): void {
    const plain = this.rotated()
      .filter((name) => !name.endsWith(".gz"))
      .at(-1);
    if (plain !== undefined) execFileSync("gzip", [join(this.folder, plain)]);
  }

  async readAll(): Promise<void> {
    const tail = await this.#open();
    await tail.poll(this.nowMs);
    for (;;) {
      const tailed = await tail.read(this.nowMs);
      if (tailed === null) break;
      forEachLine(tailed.lines, (line) => this.read.push(line));
    }
  }

  /** `commit`: whether the last checkpoint was written before the end. */
  async restart({ commit }: { commit: boolean }): Promise<void> {
    if (commit) this.commit();
    await this.#tail?.[Symbol.asyncDispose]();
    this.#tail = null;
  }

  commit(): void {
    if (this.#tail !== null) this.checkpoints = this.#tail.checkpoints(this.nowMs);
  }

  async #open(): Promise<LogTail> {
    if (this.#tail !== null) return this.#tail;
    this.#tail = new LogTail({
      log: this.log,
      maxLineBytes: 1000,
      rotateWaitMs: ROTATE_WAIT_MS,
      // Files are told apart by their modification time, which runs by another clock than this test's.
      checkpoints: this.checkpoints.map((checkpoint) => ({ ...checkpoint, updatedAtMs: 0 })),
      events: silentEvents(),
    });
    return this.#tail;
  }
}

test("however a log is rotated, and whenever we are stopped, every line is read, and without a kill none twice", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (actions) => {
      const site = new Site();
      let isKilled = false;
      try {
        await site.readAll();
        site.commit();
        let previous: string | null = null;
        for (const action of actions) {
          switch (action.do) {
            case "write":
              site.write(site.log, action.lines);
              break;
            case "write-late": // nginx writes on to what was renamed, until it is told
              if (previous === `${site.log}.1` && site.rotated().includes("access.log.1"))
                site.write(previous, action.lines);
              break;
            case "read":
              await site.readAll();
              site.commit();
              break;
            case "rename":
              site.shift();
              renameSync(site.log, `${site.log}.1`);
              writeFileSync(site.log, "");
              previous = `${site.log}.1`;
              break;
            case "copytruncate":
              site.shift();
              copyFileSync(site.log, `${site.log}.1`);
              truncateSync(site.log);
              previous = null;
              break;
            case "gzip":
              // What nginx still writes to is not compressed before it was told (delaycompress).
              await site.readAll();
              site.gzip();
              previous = null;
              break;
            case "restart":
              await site.restart({ commit: true });
              break;
            case "kill":
              isKilled = true;
              await site.restart({ commit: false });
              break;
            case "wait":
              site.nowMs += 2 * ROTATE_WAIT_MS;
              previous = null; // nginx has opened its logs again long before
              break;
          }
        }
        await site.readAll();
        site.nowMs += 2 * ROTATE_WAIT_MS;
        await site.readAll();
        await site.readAll();
        const expected = Array.from(
          { length: site.written },
          (_, index) => `line ${index} ${"x".repeat(20)}`,
        );
        const once = new Set(site.read);
        expect(expected.filter((line) => !once.has(line))).toEqual([]);
        expect(once.size).toBe(site.written);
        expect(isKilled || site.read.length === site.written).toBe(true);
      } finally {
        await site.restart({ commit: false });
        rmSync(site.folder, { recursive: true });
      }
    }),
    { numRuns: 250, examples: [[COPIED_AND_RENAMED]] },
  );
}, 120_000);
