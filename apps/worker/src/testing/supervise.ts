import { fileURLToPath } from "node:url";
import {
  encodeObjectPath,
  objectRefSchema,
  rootNameSchema,
  type Classification,
} from "@sluice/contracts";
import { Dispatcher } from "@sluice/inference";
import { AgreedEnsemble } from "../agreed-ensemble.ts";
import { EngineFleet } from "../engine-fleet.ts";
import { EngineProcess, type EngineProcessOptions } from "../engine-process.ts";
import { recordEvents, type RecordedEvents } from "./record-events.ts";

const TEST_DEVICE = {
  name: "cpu",
  provider: "cpu",
  cpus: null,
  hardware: "test",
  memoryBytes: null,
} as const;
const TEST_SETTINGS = {
  provider: "cpu",
  deviceName: null,
  hasMixedDevices: false,
  readSlots: 4,
  decodeSlots: 2,
  intraOpThreads: 1,
} as const;
const root = rootNameSchema.parse("uploads");

export function fixtureModule(): string {
  return fileURLToPath(new URL("fixture-engine.ts", import.meta.url));
}

interface SupervisedOptions extends Partial<EngineProcessOptions> {
  readonly maxItemsInFlight?: number;
  readonly engines?: number;
  /** What differs between the engines: the environment of each. */
  readonly envs?: readonly Readonly<Record<string, string>>[];
}

/** Engine processes and their dispatcher, as the worker has them, without a queue. */
export class Supervised implements AsyncDisposable {
  readonly engines: readonly EngineProcess[];
  readonly fleet: EngineFleet;
  readonly dispatcher: Dispatcher;
  readonly events: RecordedEvents = recordEvents();

  constructor({
    maxItemsInFlight = 32,
    engines = 1,
    envs = [],
    ...options
  }: SupervisedOptions = {}) {
    const { events } = this;
    const agreed = new AgreedEnsemble();
    this.engines = Array.from(
      { length: engines },
      (_, engine) =>
        new EngineProcess({
          engine,
          device: { ...TEST_DEVICE, env: envs[engine] ?? {} },
          settings: TEST_SETTINGS,
          module: fixtureModule(),
          execArgv: ["--conditions=@sluice/source"],
          watchdogMs: 60_000,
          startTimeoutMs: 60_000,
          maxStartAttempts: 2,
          agreed,
          events,
          ...options,
        }),
    );
    this.fleet = new EngineFleet(this.engines, events);
    this.dispatcher = new Dispatcher({ maxItemsInFlight, maxBytesInFlight: 1e9, events });
  }

  /** The first engine. */
  get engine(): EngineProcess {
    const [first] = this.engines;
    if (first === undefined) throw new RangeError("expected an engine");
    return first;
  }

  async start(): Promise<void> {
    await this.fleet.start(this.dispatcher);
  }

  /** Outcomes by path. */
  async classify(
    names: readonly string[],
    { isSuspect = false } = {},
  ): Promise<Map<string, Classification>> {
    const objects = names.map((name) =>
      objectRefSchema.parse({
        path: encodeObjectPath(Buffer.from(name)),
        version: "1",
        sizeBytes: 10,
      }),
    );
    const outcomes = await this.dispatcher.classify({ root, lane: "live", objects, isSuspect });
    return new Map(outcomes.map((outcome, i) => [names[i] ?? "", outcome]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet.stop();
  }
}
