import { MAX_EMBEDDING_DIMENSIONS } from "@sluice/contracts";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { DeviceMember, DeviceReply, DeviceSettings } from "./device-messages.ts";
import { executionProviders, padRows, warmUpSizes } from "./execution-provider.ts";
import { isOutOfMemory } from "./out-of-memory.ts";
import { placeOnDevice, type Placed } from "./place-on-device.ts";
import { RowLimit, type Piece } from "./row-limit.ts";

export interface LoadedSession extends Placed<InferenceSession> {
  readonly member: DeviceMember;
  /** How many rows it has memory for. */
  readonly limit: RowLimit;
}

export type Loaded =
  | {
      readonly type: "loaded";
      readonly sessions: readonly LoadedSession[];
      /** Time of the largest batch, per member. */
      readonly memberMs: readonly number[];
    }
  | Extract<DeviceReply, { type: "no-provider" | "no-memory" | "bad-model" }>;

/** Loads all members and runs the largest batch first, so that memory never grows later. */
export async function loadSessions(settings: DeviceSettings): Promise<Loaded> {
  const sessions: LoadedSession[] = [];
  for (const member of settings.members) {
    try {
      const placed = await createSession(member, settings, settings.provider);
      const limit = new RowLimit({ maxRows: settings.maxRows, isOutOfMemory });
      sessions.push({ ...placed, member, limit });
    } catch (error) {
      return await explain(error, member, settings);
    }
  }
  const memberMs: number[] = [];
  for (const loaded of sessions) {
    const warmed = await warmUp(loaded, settings);
    if (typeof warmed !== "number") return warmed;
    memberMs.push(warmed);
  }
  return { type: "loaded", sessions, memberMs };
}

/** Rows that every member has memory for. */
export function rowLimitOf(sessions: readonly LoadedSession[]): number {
  return Math.min(...sessions.map(({ limit }) => limit.rows));
}

export interface RunRequest {
  readonly settings: DeviceSettings;
  readonly rows: number;
  readonly buffer: number;
}

/**
 * Runs the members of the buffer's stage over the first rows of a buffer, one after the other: `run` blocks its thread until the device is done, as the promise
 * that it gives is made around a synchronous call. What is to run at the same time needs a thread of its own: see `arrangeMembers`.
 *
 * @returns per member of the stage float32 probabilities, `rows * classes` numbers, then the embeddings of the member that is asked for them,
 * `rows * dimensions`; in memory of their own
 */
export async function runSessions(
  sessions: readonly LoadedSession[],
  request: RunRequest,
): Promise<Float32Array<ArrayBuffer>[]> {
  const results: Float32Array<ArrayBuffer>[] = [];
  const embeddings: Float32Array<ArrayBuffer>[] = [];
  for (const loaded of sessions) {
    if (firstBufferOf(loaded.member) !== request.buffer - (request.buffer % 2)) continue;
    const [probabilities, ...others] = await runSession(loaded, request);
    if (probabilities !== undefined) results.push(probabilities);
    embeddings.push(...others);
  }
  return [...results, ...embeddings];
}

/** Each stage has two buffers. */
function firstBufferOf({ stage = 0 }: DeviceMember): number {
  return 2 * stage;
}

async function createSession(
  { graphPath }: DeviceMember,
  { intraOpThreads }: DeviceSettings,
  provider: string,
): Promise<Placed<InferenceSession>> {
  return await placeOnDevice(provider, async ({ mayUseCpu }) => {
    const forbidden = mayUseCpu ? {} : { disable_cpu_ep_fallback: "1" };
    return await InferenceSession.create(graphPath, {
      executionProviders: executionProviders(provider),
      graphOptimizationLevel: "all",
      intraOpNumThreads: intraOpThreads,
      logSeverityLevel: 3,
      // Threads that wait for work by spinning take the cores that decode the next batch: a quarter of all CPU time.
      extra: { session: { intra_op: { allow_spinning: "0" }, ...forbidden } },
    });
  });
}

/** A graph that loads on the CPU but not here lacks the provider; one that loads nowhere is broken. */
async function explain(
  error: unknown,
  member: DeviceMember,
  settings: DeviceSettings,
): Promise<Loaded> {
  const message = textOf(error);
  if (isOutOfMemory(error)) return { type: "no-memory", model: member.model, message };
  if (settings.provider !== "cpu") {
    try {
      const { session } = await createSession(member, settings, "cpu");
      await session.release();
      return { type: "no-provider", message };
    } catch {
      // It loads nowhere: the model is at fault, and the first error says how.
    }
  }
  return { type: "bad-model", model: member.model, message };
}

/**
 * Runs every size that will be run, the largest first.
 *
 * @returns how long the largest batch takes, in milliseconds, or why the member is not what its files promise
 */
async function warmUp(
  loaded: LoadedSession,
  settings: DeviceSettings,
): Promise<number | Exclude<Loaded, { type: "loaded" }>> {
  const { member, limit } = loaded;
  const { provider, maxRows } = settings;
  try {
    const [outputs, largestMs] = await timeRun(loaded, settings, maxRows);
    const problem = findProblem(outputs, { member, rows: maxRows });
    if (problem !== null) return { type: "bad-model", model: member.model, message: problem };
    const smaller = warmUpSizes(provider, limit.rows).slice(1);
    if (smaller.length === 0) return largestMs;
    for (const rows of smaller) await timeRun(loaded, settings, rows);
    // On a GPU the first run also looked for algorithms, or built an engine.
    const [, againMs] = await timeRun(loaded, settings, maxRows);
    return againMs;
  } catch (error) {
    const type = isOutOfMemory(error) ? "no-memory" : "bad-model";
    return { type, model: member.model, message: textOf(error) };
  }
}

async function timeRun(
  loaded: LoadedSession,
  settings: DeviceSettings,
  rows: number,
): Promise<[outputs: readonly Float32Array[], ms: number]> {
  const startedAt = performance.now();
  const buffer = firstBufferOf(loaded.member);
  const outputs = await runSession(loaded, { settings, rows, buffer });
  return [outputs, performance.now() - startedAt];
}

function findProblem(
  [probabilities, embeddings]: readonly Float32Array[],
  { member, rows }: { member: DeviceMember; rows: number },
): string | null {
  const dimensions = (embeddings?.length ?? 0) / rows;
  if (dimensions > MAX_EMBEDDING_DIMENSIONS) {
    return `its embeddings have ${dimensions} numbers, above ${MAX_EMBEDDING_DIMENSIONS}`;
  }
  const numbers = probabilities?.length ?? 0;
  if (numbers === rows * member.classes) return null;
  return `its config.json names ${member.classes} labels, and the network gives ${numbers / rows} numbers per image`;
}

/** @returns per output, probabilities first */
async function runSession(
  loaded: LoadedSession,
  { settings, rows, buffer }: RunRequest,
): Promise<readonly Float32Array<ArrayBuffer>[]> {
  const pieces = await loaded.limit.run(
    rows,
    async (piece) => await runPiece(loaded, { settings, buffer, piece }),
  );
  const [only, ...others] = pieces;
  if (only === undefined || others.length === 0) return only ?? [];
  return only.map((_, output) => join(pieces.map((piece) => piece[output] ?? new Float32Array())));
}

async function runPiece(
  { member, session }: LoadedSession,
  { settings, buffer, piece }: Omit<RunRequest, "rows"> & { piece: Piece },
): Promise<readonly Float32Array<ArrayBuffer>[]> {
  const spec = settings.specs[member.spec];
  const memory = settings.memory[buffer]?.[member.spec];
  if (spec === undefined || memory === undefined) throw new Error(`no pixels for ${member.model}`);
  // Rows that are padded hold older pixels; what they give is cut off.
  const room = Math.min(piece.limit, settings.maxRows - piece.first);
  const rows = padRows(settings.provider, piece.rows, room);
  const bytesPerRow = spec.height * spec.width * 3;
  const pixels = new Uint8Array(memory, piece.first * bytesPerRow, rows * bytesPerRow);
  const input = new Tensor("uint8", pixels, [rows, spec.height, spec.width, 3]);
  const wanted = [
    "probabilities",
    ...(member.givesEmbeddings === true ? ["float_embeddings"] : []),
  ];
  const outputs = await session.run({ pixels: input }, wanted);
  return wanted.map((name) => {
    const data = outputs[name]?.data;
    if (!(data instanceof Float32Array)) throw new Error(`it gives no float32 ${name}`);
    return data.slice(0, (data.length / rows) * piece.rows);
  });
}

function join(pieces: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const joined = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}
