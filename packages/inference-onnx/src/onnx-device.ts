import type { BatchBuffers, Device } from "@sluice/inference";
import { DeviceChannel } from "./device-channel.ts";
import type { DeviceReply, DeviceSettings } from "./device-messages.ts";
import {
  DeviceLostError,
  DeviceMemoryError,
  ModelLoadError,
  ProviderMissingError,
} from "./errors.ts";

export interface OnnxDeviceOptions {
  readonly members: DeviceSettings["members"];
  readonly buffers: BatchBuffers;
  /** ONNX Runtime's name of the execution provider; this one runs or the start fails, never another in its place. */
  readonly provider: string;
  /** 0: as many as there are cores. */
  readonly intraOpThreads: number;
  /** The device has memory for fewer rows than before: batches run in pieces from now on. May not throw. */
  readonly onRowLimit?: (rows: number) => void;
}

export interface OnnxDevice extends Device, AsyncDisposable {
  /** Execution provider in use. */
  readonly provider: string;
  /** Time that the largest batch took. */
  readonly warmUpMs: number;
  /** Rows that the device had memory for at warm-up; larger batches run in pieces. */
  readonly rowLimit: number;
  /** Members of which ONNX Runtime gave some nodes to the CPU, as the provider does not know them. */
  readonly partlyOnCpu: readonly string[];
}

/**
 * Loads all members in a thread of their own and warms them up with the largest batch.
 *
 * @throws ModelLoadError naming the member that does not load or does not fit its labels
 * @throws ProviderMissingError when the execution provider is not there
 * @throws DeviceMemoryError when the device has not even memory for single images
 */
export async function startOnnxDevice(options: OnnxDeviceOptions): Promise<OnnxDevice> {
  const { members, buffers, provider, intraOpThreads } = options;
  const { specs, memory, rows: maxRows } = buffers;
  const workerData: DeviceSettings = {
    members,
    provider,
    specs: specs.map(({ height, width }) => ({ height, width })),
    memory,
    maxRows,
    intraOpThreads,
  };
  // Official Linux builds upload telemetry otherwise. Here, before the library loads, and not in the thread: its environment is
  // a copy that native code never sees.
  process.env["ORT_DISABLE_TELEMETRY"] = "1";
  const channel = new DeviceChannel(workerData);
  const first = await channel.started;
  if (first.type !== "ready") {
    await channel[Symbol.asyncDispose]();
    throw toStartError(first, provider);
  }
  const { warmUpMs, rowLimit, partlyOnCpu } = first;
  const { onRowLimit = () => undefined } = options;
  return new ThreadDevice(channel, { provider, warmUpMs, rowLimit, partlyOnCpu, onRowLimit });
}

type DeviceFacts = Pick<OnnxDevice, "provider" | "warmUpMs" | "rowLimit" | "partlyOnCpu"> &
  Required<Pick<OnnxDeviceOptions, "onRowLimit">>;

class ThreadDevice implements OnnxDevice {
  readonly provider: string;
  readonly warmUpMs: number;
  readonly rowLimit: number;
  readonly partlyOnCpu: readonly string[];
  readonly #channel: DeviceChannel;
  readonly #onRowLimit: DeviceFacts["onRowLimit"];
  /** As last told. */
  #rowLimit: number;
  #isClosing = false;

  constructor(channel: DeviceChannel, facts: DeviceFacts) {
    this.#channel = channel;
    this.#onRowLimit = facts.onRowLimit;
    this.#rowLimit = facts.rowLimit;
    this.provider = facts.provider;
    this.warmUpMs = facts.warmUpMs;
    this.rowLimit = facts.rowLimit;
    this.partlyOnCpu = facts.partlyOnCpu;
  }

  async run(rows: number, buffer: number): Promise<readonly Float32Array[]> {
    if (this.#isClosing) throw new DeviceLostError("the device is being closed");
    const answer = await this.#channel.ask({ rows, buffer });
    if (answer.type === "result") {
      if (answer.rowLimit < this.#rowLimit) this.#onRowLimit(answer.rowLimit);
      this.#rowLimit = answer.rowLimit;
      return answer.members;
    }
    throw new DeviceLostError("message" in answer ? answer.message : "the device answered oddly");
  }

  /** Ends after the batch that runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#channel[Symbol.asyncDispose]();
  }
}

function toStartError(reply: DeviceReply, provider: string): Error {
  switch (reply.type) {
    case "bad-model":
      return new ModelLoadError(
        `model ${reply.model}: ONNX Runtime cannot run it (${reply.message}): correct or export it again, or take the member out of the ensemble`,
      );
    case "no-provider":
      return new ProviderMissingError(
        `expected the execution provider "${provider}", but it does not work here (${reply.message}): "sluice doctor" names what is missing; install that, or choose another device, as the CPU is never taken in its place unasked`,
      );
    case "no-memory":
      return new DeviceMemoryError(
        `model ${reply.model}: the device has no memory for it, not even for a single image (${reply.message}): end what else uses the device, take a larger one, or a smaller model`,
      );
    default:
      return new DeviceLostError("the device answered oddly at start");
  }
}
