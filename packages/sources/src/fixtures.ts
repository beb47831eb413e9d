import {
  ensembleNameSchema,
  objectRefSchema,
  policyNameSchema,
  rootNameSchema,
  sourceNameSchema,
  type ObjectRef,
} from "@sluice/contracts";
import type { SourceBinding } from "./source-binding.ts";
import type { SourceEvents } from "./source-events.ts";

/** Names and objects for the tests of this package. */
export const uploads: SourceBinding = {
  source: sourceNameSchema.parse("uploads"),
  root: rootNameSchema.parse("incoming"),
  policy: policyNameSchema.parse("default"),
  ensemble: ensembleNameSchema.parse("default"),
  lane: "live",
};

export function object(path: string, version = "1-2-3-4"): ObjectRef {
  return objectRefSchema.parse({ path, version, sizeBytes: 2 });
}

export function objects(count: number, prefix = "image"): ObjectRef[] {
  return Array.from({ length: count }, (_, index) => object(`${prefix}-${index}.jpg`));
}

/** Notes the events' names and contents in order. */
export function recordEvents(): {
  log: [name: keyof SourceEvents, event: object][];
} & SourceEvents {
  const log: [keyof SourceEvents, object][] = [];
  const note =
    (name: keyof SourceEvents) =>
    (event: object = {}) =>
      void log.push([name, event]);
  return {
    log,
    objectsFound: note("objectsFound"),
    settlingOverflowed: note("settlingOverflowed"),
    chunkSent: note("chunkSent"),
    queueUnavailable: note("queueUnavailable"),
    queueRecovered: note("queueRecovered"),
    queueFull: note("queueFull"),
    planDissolved: note("planDissolved"),
    objectsDecided: note("objectsDecided"),
  };
}
