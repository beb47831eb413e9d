import { availableParallelism } from "node:os";
import type { BatchBuffers, Device } from "@sluice/inference";
import {
  arrangeMembers,
  type Arranged,
  type Arrangement,
  type ArrangementChoice,
} from "./arrange-members.ts";
import type { DeviceSettings } from "./device-messages.ts";
import { DeviceLostError } from "./errors.ts";

export interface OnnxDeviceOptions {
  readonly members: DeviceSettings["members"];
  readonly buffers: BatchBuffers;
  /** ONNX Runtime's name of the execution provider; this one runs or the start fails, never another in its place. */
  readonly provider: string;
  /** 0: as many as there are cores. */
  readonly intraOpThreads: number;
  /** How members run; `auto`: as measured. Left out: in turn. */
  readonly memberArrangement?: "auto" | Arrangement;
  /** With `auto`: no further round of timing is begun after so long, once there is one. */
  readonly memberTimingMs?: number;
  /** The device has memory for fewer rows than before: batches run in pieces from now on. May not throw. */
  readonly onRowLimit?: (rows: number) => void;
}

export interface OnnxDevice extends Device, AsyncDisposable {
  /** Execution provider in use. */
  readonly provider: string;
  /** Time that the largest batch took, all members in turn. */
  readonly warmUpMs: number;
  /** Rows that the device had memory for at warm-up; larger batches run in pieces. */
  readonly rowLimit: number;
  /** Members of which ONNX Runtime gave some nodes to the CPU, as the provider does not know them. */
  readonly partlyOnCpu: readonly string[];
  /** How members run, and why; null where there is only one at a time. */
  readonly arrangement: ArrangementChoice | null;
}

/**
 * Loads all members in threads of their own and warms them up with the largest batch.
 *
 * @throws ModelLoadError naming the member that does not load or does not fit its labels
 * @throws ProviderMissingError when the execution provider is not there
 * @throws DeviceMemoryError when the device has not even memory for single images
 */
export async function startOnnxDevice(options: OnnxDeviceOptions): Promise<OnnxDevice> {
  const { members, buffers, provider, intraOpThreads } = options;
  const { specs, memory, rows: maxRows } = buffers;
  const settings: DeviceSettings = {
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
  const arranged = await arrangeMembers(settings, {
    wanted: options.memberArrangement ?? "in-turn",
    limitMs: options.memberTimingMs ?? 0,
    cores: intraOpThreads || availableParallelism(),
    now: () => performance.now(),
  });
  const { onRowLimit = () => undefined } = options;
  return new ThreadDevice(arranged, { provider, onRowLimit });
}

type DeviceFacts = Required<Pick<OnnxDeviceOptions, "provider" | "onRowLimit">>;

class ThreadDevice implements OnnxDevice {
  readonly provider: string;
  readonly warmUpMs: number;
  readonly rowLimit: number;
  readonly partlyOnCpu: readonly string[];
  readonly arrangement: ArrangementChoice | null;
  readonly #arranged: Arranged;
  readonly #onRowLimit: DeviceFacts["onRowLimit"];
  /** As last told. */
  #rowLimit: number;
  #isClosing = false;

  constructor(arranged: Arranged, { provider, onRowLimit }: DeviceFacts) {
    const { lanes, choice } = arranged;
    this.#arranged = arranged;
    this.#onRowLimit = onRowLimit;
    this.#rowLimit = lanes.rowLimit;
    this.provider = provider;
    this.warmUpMs = lanes.memberMs.reduce((sum, ms) => sum + ms, 0);
    this.rowLimit = lanes.rowLimit;
    this.partlyOnCpu = lanes.partlyOnCpu;
    this.arrangement = choice;
  }

  async run(rows: number, buffer: number): Promise<readonly Float32Array[]> {
    if (this.#isClosing) throw new DeviceLostError("the device is being closed");
    const { lanes, atOnce } = this.#arranged;
    const { members, rowLimit } = await lanes.run({ rows, buffer }, { atOnce });
    if (rowLimit < this.#rowLimit) {
      this.#rowLimit = rowLimit;
      this.#onRowLimit(rowLimit);
    }
    return members;
  }

  /** Ends after the batch that runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#arranged.lanes[Symbol.asyncDispose]();
  }
}
