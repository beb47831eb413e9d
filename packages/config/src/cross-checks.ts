import type { RootName } from "@sluice/contracts";
import { findBucketProblems } from "./bucket-checks.ts";
import { checkCascades } from "./cascade-checks.ts";
import { nearestName } from "./nearest-name.ts";
import type { SluiceConfig } from "./sluice-config.ts";

/** Problems that only show when settings are held against each other; each names both. */
export function findContradictions(config: SluiceConfig): string[] {
  return [
    ...checkSources(config),
    ...checkWorker(config),
    ...checkDuplicates(config),
    ...checkPublishing(config),
    ...checkAnswering(config),
    ...checkCircles(config),
    ...checkThresholds(config),
    ...checkCascades(config),
    ...checkWeights(config),
    ...checkLocks(config),
    ...checkObjectEndpoint(config),
    ...findBucketProblems(config),
    ...checkListeners(config),
  ];
}

function checkSources({ sources, roots, policies, ensembles }: SluiceConfig): string[] {
  return sources.flatMap((source, i) => [
    ...mustExist(`sources[${i}].root`, source.root, { what: "root", known: [...roots.keys()] }),
    ...mustExist(`sources[${i}].policy`, source.policy, {
      what: "policy",
      known: [...policies.keys()],
    }),
    ...mustExist(`sources[${i}].ensemble`, source.ensemble, {
      what: "ensemble",
      known: [...ensembles.keys()],
    }),
  ]);
}

function checkWorker({ worker: { ensemble }, ensembles }: SluiceConfig): string[] {
  if (ensemble === null) return [];
  return mustExist("worker.ensemble", ensemble, { what: "ensemble", known: [...ensembles.keys()] });
}

function mustExist(
  setting: string,
  name: string,
  { what, known }: { what: string; known: readonly string[] },
): string[] {
  if (known.includes(name)) return [];
  const near = nearestName(name, known);
  const hint =
    near === null ? `known are ${known.join(", ") || "none"}` : `did you mean "${near}"?`;
  return [`${setting}: there is no ${what} named "${name}"; ${hint}`];
}

function checkDuplicates({ sources }: SluiceConfig): string[] {
  const problems: string[] = [];
  for (const [i, source] of sources.entries()) {
    const earlier = sources.slice(0, i);
    if (earlier.some(({ name }) => name === source.name)) {
      problems.push(`sources[${i}].name: "${source.name}" is used twice; give each its own name`);
    }
    const rival = earlier.find(({ root }) => root === source.root);
    if (rival !== undefined) {
      const isListed = [rival.kind, source.kind].includes("nginx-log");
      problems.push(
        `sources[${i}].root: two sources watch root "${source.root}", every file would be decided twice; keep one${isListed ? ": nginx-log lists its root besides reading logs" : ""}`,
      );
    }
  }
  return problems;
}

function checkPublishing({ policies, roots, sources }: SluiceConfig): string[] {
  const problems: string[] = [];
  for (const [name, policy] of policies) {
    if (policy.mode !== "gate") continue;
    const setting = `policies.${name}.publishTo`;
    problems.push(
      ...mustExist(setting, policy.publishTo, { what: "root", known: [...roots.keys()] }),
    );
    for (const source of sources.filter((s) => s.policy === name)) {
      if (source.root !== policy.publishTo) continue;
      problems.push(
        `${setting} and sources "${source.name}".root: both are "${policy.publishTo}"; a gate needs two places, one for arrivals and one for what is public (or use mode: sweep)`,
      );
    }
  }
  return problems;
}

/** In answer mode our copy is removed; in a folder that people use it would be the only one. */
function checkAnswering({ policies, sources }: SluiceConfig): string[] {
  return sources.flatMap((source) => {
    const { name, kind, policy } = source;
    if (policies.get(policy)?.mode !== "answer" || receives(source)) return [];
    return [
      `policies.${policy}.mode and sources "${name}".kind: answer removes what was allowed, and a source of kind ${kind} has no other copy; use sweep or gate`,
    ];
  });
}

/** Whether its root is a spool of our own. */
function receives(source: SluiceConfig["sources"][number]): boolean {
  if (source.kind === "nginx-log") return source.fetch !== undefined;
  return source.kind === "clamd" || source.kind === "http";
}

/** A weight that counts for nothing was meant to count. */
export function checkWeights({ ensembles }: Pick<SluiceConfig, "ensembles">): string[] {
  return [...ensembles].flatMap(([name, { fusion, members }]) => {
    const weighted = members.findIndex(({ weight }) => weight !== 1);
    if (weighted === -1 || (fusion !== "mean" && fusion !== "max")) return [];
    return [
      `ensembles.${name}.members[${weighted}].weight and ensembles.${name}.fusion: ${fusion} counts every member the same; use fusion: weighted, or leave the weights out`,
    ];
  });
}

/** What one gate publishes another one would take in again, round and round. */
function checkCircles({ policies, sources }: SluiceConfig): string[] {
  const next = new Map<RootName, RootName>();
  for (const source of sources) {
    const policy = policies.get(source.policy);
    if (policy?.mode === "gate" && policy.publishTo !== source.root) {
      next.set(source.root, policy.publishTo);
    }
  }
  const reported = new Set<RootName>();
  return [...next.keys()].flatMap((start) => {
    const circle = followUntilRepeat(start, next);
    if (circle.at(-1) !== start || circle.some((root) => reported.has(root))) return [];
    for (const root of circle) reported.add(root);
    return [
      `sources and policies: the gates ${circle.map((root) => `"${root}"`).join(" → ")} publish in a circle; let one of them publish elsewhere`,
    ];
  });
}

/** The roots that objects of `start` go through, up to the first that comes again. */
function followUntilRepeat(start: RootName, next: ReadonlyMap<RootName, RootName>): RootName[] {
  const seen: RootName[] = [start];
  for (let root = next.get(start); root !== undefined; root = next.get(root)) {
    const wasSeen = seen.includes(root);
    seen.push(root);
    if (wasSeen) break;
  }
  return seen;
}

function checkThresholds({ policies, sources, ensembles }: SluiceConfig): string[] {
  return sources.flatMap((source) => {
    const floor = ensembles.get(source.ensemble)?.scoreFloor ?? 0;
    const rules = policies.get(source.policy)?.forbidden ?? [];
    return rules.flatMap((rule, i) => {
      const lowest = Math.min(rule.quarantine ?? 1, rule.review ?? 1);
      if (lowest >= floor) return [];
      return [
        `policies.${source.policy}.forbidden[${i}] and ensembles.${source.ensemble}.scoreFloor: the threshold ${lowest} is below ${floor}, where scores are left out; lower scoreFloor`,
      ];
    });
  });
}

/** Whoever reaches an open listener can send uploads and read answers. */
function checkListeners({ sources }: SluiceConfig): string[] {
  return sources.flatMap((source, i) => {
    const gap = findGap(source);
    if (gap === null) return [];
    const [at, what] =
      source.kind === "s3"
        ? [`sources[${i}].webhook`, "the webhook"]
        : [`sources[${i}]`, source.kind];
    return [
      `${at}.host and ${at}.trustedNetwork: other machines can reach ${what} here, ${gap}; listen on 127.0.0.1, or set trustedNetwork: true`,
    ];
  });
}

/** What an address that other machines reach lacks; null: nothing, or no other machine reaches it. */
function findGap(source: SluiceConfig["sources"][number]): string | null {
  if (source.kind === "folder" || source.kind === "nginx-log") return null;
  const listener = source.kind === "s3" ? source.webhook : source;
  if (listener === undefined || listener.trustedNetwork || LOOPBACK.test(listener.host))
    return null;
  if (source.kind === "clamd") {
    return source.port === undefined ? null : "without a password or encryption";
  }
  if (source.kind === "http" && source.keys.length === 0) return "without keys";
  const { certFile } = source.kind === "s3" ? { ...source.webhook } : source;
  return certFile === undefined ? "without encryption (certFile and keyFile)" : null;
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/u;

function checkObjectEndpoint({ objectEndpoint }: SluiceConfig): string[] {
  const { port, host, tls, isNetworkTrusted } = objectEndpoint;
  if (port === null || tls !== null || isNetworkTrusted || LOOPBACK.test(host)) return [];
  return [
    `objectEndpoint.host and objectEndpoint.certFile: objects would leave this machine over ${host} unencrypted; set certFile and keyFile, or trustedNetwork: true`,
  ];
}

function checkLocks({ worker }: SluiceConfig): string[] {
  if (worker.stalledIntervalMs < worker.lockDurationMs) return [];
  return [
    `worker.stalledIntervalMs and worker.lockDurationMs: expected the interval (${worker.stalledIntervalMs}) to be below the lock (${worker.lockDurationMs}), otherwise a dead worker's images wait longer than needed`,
  ];
}
