import { InferenceSession, Tensor } from "onnxruntime-node";
import type { DeviceMember, DeviceReply, DeviceSettings } from "./device-messages.ts";

export interface LoadedSession {
  readonly member: DeviceMember;
  readonly session: InferenceSession;
}

export type Loaded =
  | {
      readonly type: "loaded";
      readonly sessions: readonly LoadedSession[];
      /** Time of the largest batch. */
      readonly warmUpMs: number;
    }
  | Extract<DeviceReply, { type: "no-provider" | "bad-model" }>;

/** Loads all members and runs the largest batch first, so that memory never grows later. */
export async function loadSessions(settings: DeviceSettings): Promise<Loaded> {
  const sessions: LoadedSession[] = [];
  for (const member of settings.members) {
    try {
      const session = await createSession(member, settings, settings.provider);
      sessions.push({ member, session });
    } catch (error) {
      return await explain(error, member, settings);
    }
  }
  const startedAt = performance.now();
  for (const loaded of sessions) {
    const problem = await warmUp(loaded, settings);
    if (problem !== null) {
      return { type: "bad-model", model: loaded.member.model, message: problem };
    }
  }
  return { type: "loaded", sessions, warmUpMs: performance.now() - startedAt };
}

export interface RunRequest {
  readonly settings: DeviceSettings;
  readonly rows: number;
  readonly buffer: 0 | 1;
}

/**
 * Runs all members in turn over the first rows of a buffer.
 *
 * @returns per member float32 probabilities, `rows * classes` numbers, in memory of their own
 */
export async function runSessions(
  sessions: readonly LoadedSession[],
  request: RunRequest,
): Promise<Float32Array<ArrayBuffer>[]> {
  const results: Float32Array<ArrayBuffer>[] = [];
  for (const loaded of sessions) results.push(await runSession(loaded, request));
  return results;
}

async function createSession(
  { graphPath }: DeviceMember,
  { intraOpThreads }: DeviceSettings,
  provider: string,
): Promise<InferenceSession> {
  return await InferenceSession.create(graphPath, {
    executionProviders: [provider], // this one alone: ONNX Runtime must not fall back to another
    graphOptimizationLevel: "all",
    intraOpNumThreads: intraOpThreads,
    logSeverityLevel: 3,
    // Threads that wait for work by spinning take the cores that decode the next batch: a quarter of all CPU time.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
}

/** A graph that loads on the CPU but not here lacks the provider; one that loads nowhere is broken. */
async function explain(
  error: unknown,
  member: DeviceMember,
  settings: DeviceSettings,
): Promise<Loaded> {
  const message = textOf(error);
  if (settings.provider !== "cpu") {
    try {
      const session = await createSession(member, settings, "cpu");
      await session.release();
      return { type: "no-provider", message };
    } catch {
      // It loads nowhere: the model is at fault, and the first error says how.
    }
  }
  return { type: "bad-model", model: member.model, message };
}

/** Null when the member does what its files promise. */
async function warmUp(loaded: LoadedSession, settings: DeviceSettings): Promise<string | null> {
  const rows = settings.maxRows;
  try {
    const scores = await runSession(loaded, { settings, rows, buffer: 0 });
    const expected = rows * loaded.member.classes;
    if (scores.length === expected) return null;
    return `its config.json names ${loaded.member.classes} labels, and the network gives ${scores.length / rows} numbers per image`;
  } catch (error) {
    return textOf(error);
  }
}

async function runSession(
  { member, session }: LoadedSession,
  { settings, rows, buffer }: RunRequest,
): Promise<Float32Array<ArrayBuffer>> {
  const spec = settings.specs[member.spec];
  const memory = settings.memory[buffer]?.[member.spec];
  if (spec === undefined || memory === undefined) throw new Error(`no pixels for ${member.model}`);
  const pixels = new Uint8Array(memory, 0, rows * spec.height * spec.width * 3);
  const input = new Tensor("uint8", pixels, [rows, spec.height, spec.width, 3]);
  const { probabilities } = await session.run({ pixels: input }, ["probabilities"]);
  if (!(probabilities?.data instanceof Float32Array)) {
    throw new Error("it gives no float32 probabilities");
  }
  return probabilities.data.slice();
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim();
}
