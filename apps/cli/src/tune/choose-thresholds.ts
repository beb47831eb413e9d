import type { SluiceConfig } from "@sluice/config";
import type { EnsembleName } from "@sluice/contracts";
import type { WatchedThreshold } from "@sluice/inference";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

export interface NamedThreshold {
  readonly label: string;
  readonly threshold: number;
}

/** What decisions hang on is taken from: the command line, else the policies that the ensemble's sources have. */
export interface ThresholdSources {
  readonly named: readonly NamedThreshold[];
  readonly config: Pick<SluiceConfig, "policies" | "sources">;
  /** Name of the ensemble in the configuration; null for one of a file of its own: then all policies count. */
  readonly ensemble: EnsembleName | null;
  /** Of the ensemble, in the order of class ids. */
  readonly labels: readonly string[];
}

/** @throws CliError USAGE when nothing is forbidden, or a label is not known */
export function chooseThresholds(sources: ThresholdSources): readonly WatchedThreshold[] {
  const { named, labels } = sources;
  const wanted = named.length > 0 ? named : fromPolicies(sources);
  if (wanted.length === 0) {
    throw usage(
      "no policy forbids anything that this ensemble could find, so there is no decision to keep; name what decisions hang on by --threshold <label>=<score>",
    );
  }
  const thresholds: WatchedThreshold[] = [];
  for (const { label, threshold } of wanted) {
    const classId = labels.indexOf(label);
    if (classId === -1) throw usage(`the ensemble does not know the label "${label}"`);
    const isKnown = thresholds.some((t) => t.classId === classId && t.threshold === threshold);
    if (!isKnown) thresholds.push({ label, classId, threshold });
  }
  return thresholds;
}

function fromPolicies({ config, ensemble, labels }: ThresholdSources): readonly NamedThreshold[] {
  const used = config.sources
    .filter((source) => ensemble === null || source.ensemble === ensemble)
    .map(({ policy }) => config.policies.get(policy));
  return used.flatMap((policy) =>
    (policy?.forbidden ?? []).flatMap(({ label, classId, quarantine, review }) => {
      const name = label ?? labels[classId ?? -1];
      if (name === undefined || (ensemble === null && !labels.includes(name))) return [];
      return [quarantine, review].flatMap((threshold) =>
        threshold === undefined ? [] : [{ label: name, threshold }],
      );
    }),
  );
}

function usage(problem: string): CliError {
  return new CliError("USAGE", problem, { exitCode: EXIT_CODE.usage });
}
