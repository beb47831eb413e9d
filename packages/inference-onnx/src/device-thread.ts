// The thread in which ONNX Runtime computes. run() blocks its thread for the whole batch, so nothing else lives here.
import { parentPort, workerData } from "node:worker_threads";
import type { InferenceSession } from "onnxruntime-node";
import { deviceRequestSchema, type DeviceReply, type DeviceSettings } from "./device-messages.ts";

// Before the library loads: official Linux builds upload telemetry otherwise.
process.env["ORT_DISABLE_TELEMETRY"] = "1";
const ort = await import("onnxruntime-node");

const PROVIDER = "cpu";
const settings: DeviceSettings = workerData;

interface LoadedMember {
  readonly session: InferenceSession;
  readonly spec: number;
}

function reply(message: DeviceReply): void {
  parentPort?.postMessage(message);
}

async function load(): Promise<LoadedMember[] | null> {
  const members: LoadedMember[] = [];
  for (const { graphPath, spec } of settings.members) {
    try {
      const session = await ort.InferenceSession.create(graphPath, {
        executionProviders: [PROVIDER],
        graphOptimizationLevel: "all",
        intraOpNumThreads: settings.intraOpThreads,
        logSeverityLevel: 3,
      });
      members.push({ session, spec });
    } catch (error) {
      reply({ type: "failed", file: graphPath, message: textOf(error) });
      return null;
    }
  }
  return members;
}

/** Runs all members in turn over the first rows of a buffer. */
async function run(
  members: readonly LoadedMember[],
  rows: number,
  buffer: 0 | 1,
): Promise<Float32Array[]> {
  const results: Float32Array[] = [];
  for (const { session, spec } of members) {
    const { height = 0, width = 0 } = settings.specs[spec] ?? {};
    const memory = settings.memory[buffer]?.[spec];
    if (memory === undefined) throw new Error(`no pixels for spec ${spec}`);
    const pixels = new Uint8Array(memory, 0, rows * height * width * 3);
    const input = new ort.Tensor("uint8", pixels, [rows, height, width, 3]);
    const { probabilities } = await session.run({ pixels: input }, ["probabilities"]);
    if (!(probabilities?.data instanceof Float32Array)) {
      throw new Error("a member gave no float32 probabilities");
    }
    results.push(probabilities.data.slice());
  }
  return results;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const members = await load();
if (members !== null) {
  try {
    const startedAt = performance.now();
    await run(members, settings.maxRows, 0); // the largest batch first, so that memory never grows later
    reply({ type: "ready", warmUpMs: performance.now() - startedAt, provider: PROVIDER });
    parentPort?.on("message", (message: unknown) => {
      const { rows, buffer } = deviceRequestSchema.parse(message);
      run(members, rows, buffer).then(
        (results) => reply({ type: "result", members: results }),
        (error: unknown) => reply({ type: "lost", message: textOf(error) }),
      );
    });
  } catch (error) {
    const file = settings.members.map(({ graphPath }) => graphPath).join(", ");
    reply({ type: "failed", file, message: textOf(error) });
  }
}
