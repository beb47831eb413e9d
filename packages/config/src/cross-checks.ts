import { sep } from "node:path";
import { nearestName } from "./nearest-name.ts";
import type { SluiceConfig } from "./sluice-config.ts";

/** Problems that only show when settings are held against each other; each names both. */
export function findContradictions(config: SluiceConfig): string[] {
  return [
    ...checkSources(config),
    ...checkDuplicates(config),
    ...checkPublishing(config),
    ...checkFolders(config),
    ...checkThresholds(config),
    ...checkLocks(config),
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
    if (earlier.some(({ root }) => root === source.root)) {
      problems.push(
        `sources[${i}].root: two sources watch root "${source.root}", every file would be decided twice; keep one`,
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

/** A folder inside another one would be watched, moved or published as part of it. */
function checkFolders({ roots, dataDir, moderation }: SluiceConfig): string[] {
  const places: [string, string][] = [
    ...[...roots].map(([name, root]): [string, string] => [`roots.${name}.folder`, root.folder]),
    ["moderation.vault", moderation.vaultDir],
  ];
  const problems: string[] = [];
  for (const [i, [setting, folder]] of places.entries()) {
    for (const [otherSetting, other] of places.slice(i + 1)) {
      if (contains(folder, other) || contains(other, folder)) {
        problems.push(
          `${setting} and ${otherSetting}: "${folder}" and "${other}" lie inside one another; use separate folders`,
        );
      }
    }
    if (contains(folder, dataDir) && setting !== "moderation.vault") {
      problems.push(`${setting} and dataDir: "${dataDir}" lies inside "${folder}"; move one`);
    }
  }
  return problems;
}

function contains(outer: string, inner: string): boolean {
  return outer === inner || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
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

function checkLocks({ worker }: SluiceConfig): string[] {
  if (worker.stalledIntervalMs < worker.lockDurationMs) return [];
  return [
    `worker.stalledIntervalMs and worker.lockDurationMs: expected the interval (${worker.stalledIntervalMs}) to be below the lock (${worker.lockDurationMs}), otherwise a dead worker's images wait longer than needed`,
  ];
}
