import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { BatchBuffers, Device } from "@sluice/inference";
import { deviceReplySchema, type DeviceReply, type DeviceSettings } from "./device-messages.ts";

/** Thrown when a member's graph does not load or does not run: the model directory must be corrected. Exit code 78. */
export class ModelLoadError extends Error {
  override readonly name = "ModelLoadError";
  readonly code = "MODEL_LOAD_FAILED";
  readonly retryable = false;
  readonly exitCode = 78;
}

/** Thrown when the device is lost in mid-run: the engine must end and a fresh one take over. */
export class DeviceLostError extends Error {
  override readonly name = "DeviceLostError";
  readonly code = "DEVICE_LOST";
  readonly retryable = true;
}

export interface OnnxDeviceOptions {
  readonly members: DeviceSettings["members"];
  readonly buffers: BatchBuffers;
  /** 0: as many as there are cores. */
  readonly intraOpThreads: number;
}

export interface OnnxDevice extends Device, AsyncDisposable {
  /** Execution provider in use. */
  readonly provider: string;
  readonly warmUpMs: number;
}

/**
 * Loads all members in a thread of their own and warms them up with the largest batch.
 *
 * @throws ModelLoadError naming the graph that does not load
 */
export async function startOnnxDevice(options: OnnxDeviceOptions): Promise<OnnxDevice> {
  const settings: DeviceSettings = {
    members: options.members,
    specs: options.buffers.specs,
    memory: options.buffers.memory,
    maxRows: options.buffers.rows,
    intraOpThreads: options.intraOpThreads,
  };
  const thread = new Worker(threadFile(), { workerData: settings });
  const first = await nextReply(thread);
  if (first.type !== "ready") {
    await thread.terminate();
    throw toStartError(first);
  }
  const { provider, warmUpMs } = first;
  return {
    provider,
    warmUpMs,
    async run(rows, buffer) {
      thread.postMessage({ rows, buffer });
      const answer = await nextReply(thread);
      if (answer.type === "result") return answer.members;
      throw new DeviceLostError("message" in answer ? answer.message : "the device answered oddly");
    },
    async [Symbol.asyncDispose]() {
      await thread.terminate();
    },
  };
}

/** Sources run as TypeScript in tests and as JavaScript when built. */
function threadFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./device-thread.${extension}`, import.meta.url);
}

/** The thread answers one request at a time, in order. */
async function nextReply(thread: Worker): Promise<DeviceReply> {
  const stopped = new AbortController();
  try {
    return await Promise.race([
      once(thread, "message", { signal: stopped.signal }).then(([message]: unknown[]) =>
        deviceReplySchema.parse(message),
      ),
      once(thread, "exit", { signal: stopped.signal }).then(() => {
        throw new DeviceLostError("the device thread ended");
      }),
    ]);
  } finally {
    stopped.abort();
  }
}

function toStartError(reply: DeviceReply): Error {
  if (reply.type !== "failed") return new DeviceLostError("the device answered oddly at start");
  return new ModelLoadError(
    `${reply.file}: ONNX Runtime cannot run this model (${reply.message.trim()}): export it again, or remove the member from the ensemble`,
  );
}
