// An engine for tests that speaks the real messages and does what an image's path says: "crash…" kills it as native code does,
// "hang…" blocks it for good, "stuck…" has it accuse that image and end, "slow…" takes a while, "limit…" finds that memory has run out; all else has an outcome. With
// FIXTURE_DEVICE=lost the device is gone at the first image, and for good.
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { ensembleInfoSchema, sha256Schema, type Classification } from "@sluice/contracts";
import { z } from "zod";
import { toEngineSchema, type FromEngine } from "../engine/messages.ts";

type Item = z.infer<typeof toEngineSchema>["items"][number];

const digest = sha256Schema.parse("d".repeat(64));
const mode = process.env["FIXTURE_ENGINE"] ?? "works";
const isDeviceLost = process.env["FIXTURE_DEVICE"] === "lost";
const waiting: Item[] = [];
const READY = { provider: "cpu", warmUpMs: 1, rowLimit: 32, partlyOnCpu: [], arrangement: null };
const WORDS = { code: null, isStuck: false, isDeviceLost: false } as const;

function tell(message: FromEngine, sent = (): void => undefined): void {
  process.send?.(message, sent);
}

function workOff(): void {
  const item = waiting.shift();
  if (item === undefined) return;
  const { path } = item.object;
  if (isDeviceLost) return loseDevice();
  if (path.startsWith("crash")) process.kill(process.pid, "SIGSEGV");
  if (path.startsWith("hang")) for (;;);
  if (path.startsWith("limit")) tell({ type: "limited", rows: 4 });
  if (path.startsWith("stuck")) return accuse(item);
  const classification: Classification = {
    kind: "unscannable",
    reason: "not-an-image",
    detail: createHash("sha256").update(path).digest("hex"),
  };
  const outcomes = [{ id: item.id, classification }];
  tell({ type: "report", outcomes, decodeMs: [1], recalled: 0, readTroubles: [], batches: [] });
  setTimeout(workOff, path.startsWith("slow") ? 20 : 0);
}

function loseDevice(): void {
  const words = { ...WORDS, message: "CUDA failure 999", isDeviceLost: true, exitCode: 70 };
  tell({ type: "failed", ...words, accused: null }, () => process.kill(process.pid, "SIGKILL"));
}

function accuse(item: Item): void {
  const words = { ...WORDS, message: "the decoder does not answer", exitCode: 70, isStuck: true };
  tell({ type: "failed", ...words, accused: item.id }, () => process.kill(process.pid, "SIGKILL"));
}

function ready(): void {
  const changed =
    mode === "changes" ? sha256Schema.parse(String(process.pid).padStart(64, "0")) : digest;
  const members = [{ model: "fixture", digest, weight: 1 }];
  const facts = { v: 1, name: "default", digest: changed, labels: ["a"], scoreFloor: 0, members };
  tell({ type: "ready", ensemble: ensembleInfoSchema.parse(facts), ...READY });
}

/** A lost device does not come back: only the engine's first life is ever ready. */
function claimFirstLife(): boolean {
  try {
    writeFileSync(process.env["FIXTURE_FIRST_LIFE"] ?? "", "", { flag: "wx" });
    return true;
  } catch {
    return false; // the file is there
  }
}

process.on("disconnect", () => process.exit());
process.on("message", (message) => {
  const wasIdle = waiting.length === 0;
  waiting.push(...toEngineSchema.parse(message).items);
  if (wasIdle) setImmediate(workOff);
});

if (isDeviceLost && !claimFirstLife()) process.exit(1);
switch (mode) {
  case "bad-config": {
    const words = { ...WORDS, message: "models: expected a directory", exitCode: 78 };
    tell({ type: "failed", ...words, accused: null }, () => process.kill(process.pid, "SIGKILL"));
    break;
  }
  case "dies-at-start":
    process.exit(1);
    break;
  default:
    ready();
}
