import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/**
 * Metrics of one process. Names are `sluice_<noun>_<unit>[_total]` in base units; labels are bounded sets, never
 * names of files or ids.
 */
export interface Metrics {
  readonly registry: Registry;
  counter<T extends string>(name: string, help: string, labels?: readonly T[]): Counter<T>;
  gauge<T extends string>(name: string, help: string, labels?: readonly T[]): Gauge<T>;
  histogram<T extends string>(
    name: string,
    help: string,
    options: { buckets: readonly number[]; labels?: readonly T[] },
  ): Histogram<T>;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "sluice_" });
  const registers = [registry];
  return {
    registry,
    counter: (name, help, labels = []) =>
      new Counter({ name, help, labelNames: [...labels], registers }),
    gauge: (name, help, labels = []) =>
      new Gauge({ name, help, labelNames: [...labels], registers }),
    histogram: (name, help, { buckets, labels = [] }) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: [...buckets], registers }),
  };
}
