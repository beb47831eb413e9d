import { DeviceChannel } from "./device-channel.ts";
import type { DeviceReply, DeviceRequest, DeviceSettings } from "./device-messages.ts";
import { DeviceLostError } from "./errors.ts";
import { toStartError } from "./start-errors.ts";

/** A thread with some of the members, which it runs in turn. */
interface Lane {
  readonly channel: DeviceChannel;
  /** Indices of its members in the ensemble, ascending. */
  readonly members: readonly number[];
  readonly facts: Extract<DeviceReply, { type: "ready" }>;
}

export interface LaneResult {
  /** Per member of the stage its probabilities, then the embeddings. */
  readonly members: readonly Float32Array[];
  readonly rowLimit: number;
}

/**
 * Every member of an ensemble in one of several threads. `run` of ONNX Runtime blocks its thread, so members run at the same time only
 * where they have threads of their own.
 */
export class MemberLanes implements AsyncDisposable {
  readonly #settings: DeviceSettings;
  readonly #lanes: readonly Lane[];

  private constructor(settings: DeviceSettings, lanes: readonly Lane[]) {
    this.#settings = settings;
    this.#lanes = lanes;
  }

  /**
   * @param shared per lane the indices of its members
   * @throws ModelLoadError, ProviderMissingError, DeviceMemoryError: see `startOnnxDevice`
   */
  static async open(
    settings: DeviceSettings,
    shared: readonly (readonly number[])[],
  ): Promise<MemberLanes> {
    const channels = shared.map((own) => openChannel(settings, own));
    const lanes: Lane[] = [];
    try {
      for (const [i, channel] of channels.entries()) {
        const facts = await channel.started;
        if (facts.type !== "ready") throw toStartError(facts, settings.provider);
        lanes.push({ channel, members: shared[i] ?? [], facts });
      }
    } catch (error) {
      await close(channels);
      throw error;
    }
    return new MemberLanes(settings, lanes);
  }

  get count(): number {
    return this.#lanes.length;
  }

  /** Time of the largest batch, per member of the ensemble. */
  get memberMs(): readonly number[] {
    const times = this.#settings.members.map(() => 0);
    for (const { members, facts } of this.#lanes) {
      for (const [i, member] of members.entries()) times[member] = facts.memberMs[i] ?? 0;
    }
    return times;
  }

  /** Rows that every member had memory for at warm-up. */
  get rowLimit(): number {
    return Math.min(...this.#lanes.map(({ facts }) => facts.rowLimit));
  }

  get partlyOnCpu(): readonly string[] {
    return this.#lanes.flatMap(({ facts }) => facts.partlyOnCpu);
  }

  /** Runs the members of the buffer's stage. @throws DeviceLostError */
  async run(request: DeviceRequest, { atOnce }: { readonly atOnce: boolean }): Promise<LaneResult> {
    const stage = Math.floor(request.buffer / 2);
    const isOfStage = (member: number): boolean =>
      (this.#settings.members[member]?.stage ?? 0) === stage;
    const lanes = this.#lanes.filter(({ members }) => members.some(isOfStage));
    const answers = atOnce ? await askAll(lanes, request) : await askInTurn(lanes, request);
    const probabilities = new Map<number, Float32Array>();
    const embeddings: Float32Array[] = [];
    for (const [i, { members }] of lanes.entries()) {
      const own = members.filter(isOfStage);
      for (const [at, numbers] of (answers[i]?.members ?? []).entries()) {
        const member = own[at];
        if (member === undefined) embeddings.push(numbers);
        else probabilities.set(member, numbers);
      }
    }
    const inOrder = [...probabilities].toSorted(([a], [b]) => a - b).map(([, numbers]) => numbers);
    const rowLimit = Math.min(...answers.map((answer) => answer.rowLimit));
    return { members: [...inOrder, ...embeddings], rowLimit };
  }

  /** Ends after the batch that runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#lanes.map(({ channel }) => channel));
  }
}

function openChannel(settings: DeviceSettings, own: readonly number[]): DeviceChannel {
  const members = settings.members.filter((_, index) => own.includes(index));
  const channel = new DeviceChannel({ ...settings, members });
  channel.started.catch(() => undefined); // It is asked for later, and another one may fail first.
  return channel;
}

async function close(channels: readonly DeviceChannel[]): Promise<void> {
  await Promise.all(channels.map(async (channel) => await channel[Symbol.asyncDispose]()));
}

async function askAll(lanes: readonly Lane[], request: DeviceRequest): Promise<LaneResult[]> {
  return await Promise.all(lanes.map(async (lane) => await ask(lane, request)));
}

async function askInTurn(lanes: readonly Lane[], request: DeviceRequest): Promise<LaneResult[]> {
  const answers: LaneResult[] = [];
  for (const lane of lanes) answers.push(await ask(lane, request));
  return answers;
}

async function ask({ channel }: Lane, request: DeviceRequest): Promise<LaneResult> {
  const answer = await channel.ask(request);
  if (answer.type === "result") return answer;
  throw new DeviceLostError("message" in answer ? answer.message : "the device answered oddly");
}
