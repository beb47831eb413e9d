import { fileURLToPath } from "node:url";
import {
  encodeObjectPath,
  objectRefSchema,
  rootNameSchema,
  type Classification,
} from "@sluice/contracts";
import { Dispatcher } from "@sluice/inference";
import { EngineProcess, type EngineProcessOptions } from "../engine-process.ts";
import { recordEvents, type RecordedEvents } from "./record-events.ts";

const root = rootNameSchema.parse("uploads");

export function fixtureModule(): string {
  return fileURLToPath(new URL("fixture-engine.ts", import.meta.url));
}

/** An engine process and its dispatcher, as the worker has them, without a queue. */
export class Supervised implements AsyncDisposable {
  readonly engine: EngineProcess;
  readonly dispatcher: Dispatcher;
  readonly events: RecordedEvents = recordEvents();

  constructor({
    maxItemsInFlight = 32,
    ...options
  }: Partial<EngineProcessOptions> & { maxItemsInFlight?: number } = {}) {
    const { events } = this;
    this.engine = new EngineProcess({
      module: fixtureModule(),
      execArgv: ["--conditions=@sluice/source"],
      poolThreads: 4,
      watchdogMs: 60_000,
      startTimeoutMs: 60_000,
      maxStartAttempts: 2,
      events,
      ...options,
    });
    this.dispatcher = new Dispatcher({
      maxItemsInFlight,
      maxBytesInFlight: 1e9,
      send: (item) => this.engine.send(item),
      events,
    });
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
    await this.engine.stop();
  }
}
