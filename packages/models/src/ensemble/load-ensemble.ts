import { basename } from "node:path";
import type { EnsembleName } from "@sluice/contracts";
import {
  composeEnsemble,
  type ComposedEnsemble,
  type FusionRule,
  type MemberFacts,
  type Views,
} from "@sluice/inference";
import { pixelSpecOf } from "../directory/pixel-spec.ts";
import type { Precision } from "../directory/precision.ts";
import { readModelDirectory } from "../directory/read-directory.ts";
import { cacheGraph } from "./cache-graph.ts";

/** An ensemble as a configuration describes it. */
export interface EnsembleSettings {
  readonly members: readonly {
    /** Path of a model directory. */
    readonly model: string;
    readonly precision: Precision;
    readonly weight: number;
    readonly temperature: number;
    /** Name of its label set; null: the only one. */
    readonly set: string | null;
  }[];
  readonly fusion: FusionRule;
  readonly views: Views;
  readonly scoreFloor: number;
}

/** A member with the graph that a device loads for it. */
export interface LoadedMember {
  /** Name for people: the model directory's. */
  readonly model: string;
  readonly graphPath: string;
  /** Which of the ensemble's pixel specs it takes. */
  readonly spec: number;
  /** How many probabilities it gives. */
  readonly classes: number;
}

export interface LoadedEnsemble extends ComposedEnsemble {
  readonly deviceMembers: readonly LoadedMember[];
}

/**
 * Reads the members' model directories, derives their production graphs (cached by digest), and puts them together.
 *
 * @throws ModelError when a directory cannot be used
 * @throws EnsembleInvalidError when members do not belong together
 */
export async function loadEnsemble(
  name: EnsembleName,
  settings: EnsembleSettings,
  graphCacheDir: string,
): Promise<LoadedEnsemble> {
  const { fusion, views, scoreFloor } = settings;
  const models = await Promise.all(
    settings.members.map(async (member) => ({
      member,
      directory: await readModelDirectory(member.model, member.precision),
    })),
  );
  const members = models.map(({ member, directory }): MemberFacts => {
    const { weight, temperature, set } = member;
    const { digest, labels, folder } = directory;
    const spec = pixelSpecOf(directory);
    const model = nameOf(folder, member.precision);
    return { model, digest, weight, temperature, set, labels, spec };
  });
  const composed = composeEnsemble({ name, members, fusion, views, scoreFloor });
  const deviceMembers: LoadedMember[] = [];
  for (const [i, { directory, member }] of models.entries()) {
    const graphPath = await cacheGraph(directory, graphCacheDir);
    const model = nameOf(directory.folder, member.precision);
    const classes = directory.labels.length;
    deviceMembers.push({ model, graphPath, spec: composed.specOfMember[i] ?? 0, classes });
  }
  return { ...composed, deviceMembers };
}

function nameOf(folder: string, precision: Precision): string {
  return precision === "float32" ? basename(folder) : `${basename(folder)}:${precision}`;
}
