import { availableParallelism } from "node:os";
import { allocateBatchBuffers, type BatchBuffers, type PixelSpec } from "@sluice/inference";
import { DeviceMemoryError, ModelLoadError } from "./errors.ts";
import { startOnnxDevice, type OnnxDevice, type OnnxDeviceOptions } from "./onnx-device.ts";
import { describeProcessor } from "./processor.ts";
import { describeRuntime } from "./tool-session.ts";

export interface GraphTimerOptions extends Omit<OnnxDeviceOptions, "members" | "buffers"> {
  /** Name of the device; null for the CPU, which is named here. */
  readonly deviceName: string | null;
  /** Rows of a batch: as many as those of the largest one in service. */
  readonly rows: number;
  /** After so long no further round is begun, once there are two. */
  readonly limitMs: number;
}

export interface TimedGraph {
  /** Name for people. */
  readonly model: string;
  readonly graphPath: string;
  readonly classes: number;
  readonly spec: PixelSpec;
}

export type GraphTiming =
  | { readonly kind: "timed"; readonly roundsMs: readonly number[] }
  | { readonly kind: "failed"; readonly message: string };

export interface GraphTimer {
  readonly provider: string;
  /** All that timings depend on beside the graphs. */
  readonly conditions: Readonly<Record<string, string | number>>;
  /** See Processor. */
  readonly hasExactByteProducts: boolean;
  /**
   * Runs batches of noise through the graphs in turns, each in a device of its own as a worker has it: the same thread, session
   * settings and buffers.
   *
   * @throws ProviderMissingError, DeviceLostError
   */
  time(graphs: readonly TimedGraph[]): Promise<readonly GraphTiming[]>;
}

/** Tells how long graphs take on this machine under the settings of a device. */
export async function openGraphTimer(options: GraphTimerOptions): Promise<GraphTimer> {
  const { provider, intraOpThreads, deviceName, rows } = options;
  const { model, features, hasExactByteProducts } = await describeProcessor();
  return {
    provider,
    conditions: {
      provider,
      device: deviceName ?? model,
      features: features.join(" "),
      runtime: await describeRuntime(),
      platform: `${process.platform}-${process.arch}`,
      threads: intraOpThreads === 0 ? availableParallelism() : intraOpThreads,
      rows,
    },
    hasExactByteProducts,
    time: async (graphs) => await timeGraphs(graphs, options),
  };
}

const LEAST_ROUNDS = 2;
const ROUNDS = 5;

async function timeGraphs(
  graphs: readonly TimedGraph[],
  options: GraphTimerOptions,
): Promise<readonly GraphTiming[]> {
  await using stack = new AsyncDisposableStack();
  const runs: (TimedRun | string)[] = [];
  for (const graph of graphs) {
    const device = await startDevice(graph, options);
    runs.push(typeof device === "string" ? device : { device: stack.use(device), roundsMs: [] });
  }
  const timed = runs.filter((run) => typeof run !== "string");
  await runInTurns(timed, options);
  return runs.map((run) =>
    typeof run === "string"
      ? { kind: "failed", message: run }
      : { kind: "timed", roundsMs: run.roundsMs },
  );
}

interface TimedRun {
  readonly device: OnnxDevice;
  readonly roundsMs: number[];
}

/** Every second round goes backwards, so that no graph always runs on what another one left in caches and clock rates. */
async function runInTurns(runs: readonly TimedRun[], { rows, limitMs }: GraphTimerOptions) {
  const startedAt = performance.now();
  for (let round = 0; round < ROUNDS; round++) {
    if (round >= LEAST_ROUNDS && performance.now() - startedAt >= limitMs) return;
    for (const { device, roundsMs } of round % 2 === 0 ? runs : runs.toReversed()) {
      const from = performance.now();
      await device.run(rows, 0);
      roundsMs.push(performance.now() - from);
    }
  }
}

/** The device, warmed up with the same batch, or why it does not start. */
async function startDevice(
  { model, graphPath, classes, spec }: TimedGraph,
  options: GraphTimerOptions,
): Promise<OnnxDevice | string> {
  const buffers = allocateBatchBuffers([spec], options.rows);
  fillWithNoise(buffers);
  const members = [{ model, graphPath, classes, spec: 0 }];
  try {
    return await startOnnxDevice({ ...options, members, buffers });
  } catch (error) {
    if (error instanceof ModelLoadError || error instanceof DeviceMemoryError) return error.message;
    throw error;
  }
}

/** The same every time, and nothing that a network finds easy: in black pictures most products are with zero. */
function fillWithNoise({ memory }: BatchBuffers): void {
  let state = 1;
  for (const shared of memory[0] ?? []) {
    const pixels = new Uint8Array(shared);
    for (let i = 0; i < pixels.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0; // Numerical Recipes, chapter 7.1
      pixels[i] = state >>> 24;
    }
  }
}
