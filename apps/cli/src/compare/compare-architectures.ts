import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildModelDirectory,
  deriveProductionGraph,
  IMAGENET_LABELS,
  readModelDirectory,
  type ArchitectureFacts,
} from "@sluice/models";
import { CliError } from "../cli-error.ts";
import { measuredSchema, type Measured, type MeasureRequest } from "./child-messages.ts";

/** What an architecture costs on this machine. Its weights are by a formula: speed and size do not depend on them. */
export interface ArchitectureFigures extends ArchitectureFacts {
  /** Of the ONNX file, float32. */
  readonly sizeBytes: number;
  readonly loadMs: number;
  /** Of a process that runs it, beyond what Node itself takes. */
  readonly memoryBytes: number;
  readonly batches: readonly {
    readonly batch: number;
    readonly batchMs: number;
    readonly imagesPerSecond: number;
  }[];
}

export interface CompareOptions {
  readonly batches: readonly number[];
  readonly rounds: number;
  /** Of ONNX Runtime; 0: as many as there are cores. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

/** Builds the network, and measures it in a process of its own. */
export async function measureArchitecture(
  facts: ArchitectureFacts,
  { batches, rounds, threads, signal }: CompareOptions,
): Promise<ArchitectureFigures> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-compare-"));
  try {
    const graphPath = await buildGraph(facts.name, folder);
    const { size: sizeBytes } = await stat(join(folder, "model", "onnx", "model.onnx"));
    const request = {
      graphPath,
      side: facts.inputSize,
      batches: [...batches],
      rounds,
      threads,
    };
    const measured = await measureApart(facts.name, request, signal);
    return {
      ...facts,
      sizeBytes,
      ...measured,
      batches: measured.batches.map(({ batch, batchMs }) => ({
        batch,
        batchMs,
        imagesPerSecond: (1000 * batch) / batchMs,
      })),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function buildGraph(architecture: string, folder: string): Promise<string> {
  const outDir = join(folder, "model");
  await buildModelDirectory({
    architecture,
    weightsPath: null,
    labels: IMAGENET_LABELS.slice(0, 1000),
    outDir,
  });
  const graphPath = join(folder, "graph.onnx");
  await writeFile(graphPath, await deriveProductionGraph(await readModelDirectory(outDir)));
  return graphPath;
}

async function measureApart(
  name: string,
  request: MeasureRequest,
  signal: AbortSignal,
): Promise<Measured> {
  signal.throwIfAborted();
  const child = fork(childFile(), { signal, execArgv: process.execArgv });
  const ended = new AbortController();
  try {
    const exit = once(child, "exit", { signal: ended.signal }).then(([code]) => {
      throw new CliError("BENCH_FAILED", `${name}: the measuring process ended (${String(code)})`);
    });
    const answer = once(child, "message", { signal: ended.signal });
    child.send(request);
    const [message]: unknown[] = await Promise.race([answer, exit]);
    return measuredSchema.parse(message);
  } catch (error) {
    signal.throwIfAborted(); // by its own reason: the child's error says only that it was aborted
    throw error;
  } finally {
    ended.abort();
    child.kill("SIGKILL");
  }
}

/** Sources run as TypeScript in tests and as JavaScript when built. */
function childFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./measure-graph.${extension}`, import.meta.url);
}
