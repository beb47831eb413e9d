import { basename } from "node:path";
import type { EnsembleName } from "@sluice/contracts";
import {
  composeEnsemble,
  planStages,
  type ComposedEnsemble,
  type Agreement,
  type CascadeExit,
  type CascadeParts,
  type Frames,
  type FusionRule,
  type MemberFacts,
  type Views,
} from "@sluice/inference";
import { pixelSpecOf } from "../directory/pixel-spec.ts";
import type { Precision } from "../directory/precision.ts";
import { readModelDirectory } from "../directory/read-directory.ts";
import { cacheGraph } from "./cache-graph.ts";
import { findMember } from "./find-member.ts";

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
  readonly frames: Frames;
  /** Name of the model directory of the member whose embeddings are part of outcomes, or `none`. */
  readonly embeddings: string;
  readonly scoreFloor: number;
  /** Null: all members run for every picture. */
  readonly cascade: CascadeSettings | null;
}

export interface CascadeSettings {
  /** Names of the model directories of the members that run together, stage by stage. */
  readonly stages: readonly (readonly string[])[];
  readonly exits: readonly CascadeExit[];
  readonly agreement: Agreement;
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
  /** Its embeddings are part of the outcome. */
  readonly givesEmbeddings: boolean;
  /** In which it runs, from 0. */
  readonly stage: number;
}

export interface LoadedEnsemble extends ComposedEnsemble {
  readonly deviceMembers: readonly LoadedMember[];
}

/**
 * Reads the members' model directories, derives their production graphs (cached by digest), and puts them together.
 *
 * @throws ModelError when a directory cannot be used, or gives no embeddings and should
 * @throws EnsembleInvalidError when members do not belong together, or a setting names a member that is not there
 */
export async function loadEnsemble(
  name: EnsembleName,
  settings: EnsembleSettings,
  graphCacheDir: string,
): Promise<LoadedEnsemble> {
  const { fusion, views, frames, scoreFloor } = settings;
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
  const embeddings = findEmbedder(settings);
  const composed = composeEnsemble({
    name,
    members,
    fusion,
    views,
    frames,
    embeddings,
    scoreFloor,
    cascade: resolveCascade(settings),
  });
  const stages = planStages(composed.ensemble);
  const deviceMembers: LoadedMember[] = [];
  for (const [i, { directory, member }] of models.entries()) {
    const givesEmbeddings = i === embeddings;
    const graphPath = await cacheGraph(directory, graphCacheDir, {
      withEmbeddings: givesEmbeddings,
    });
    const model = nameOf(directory.folder, member.precision);
    const classes = directory.labels.length;
    const spec = composed.specOfMember[i] ?? 0;
    const stage = stages.find((plan) => plan.members.includes(i))?.index ?? 0;
    deviceMembers.push({ model, graphPath, spec, classes, givesEmbeddings, stage });
  }
  return { ...composed, deviceMembers };
}

function findEmbedder({ members, embeddings }: EnsembleSettings): number | undefined {
  if (embeddings === "none") return undefined;
  return findMember(members, embeddings, { setting: "embeddings", orElse: ", or none" });
}

/** @throws EnsembleInvalidError when a stage names a member that is not there */
export function resolveCascade({
  members,
  cascade,
}: Pick<EnsembleSettings, "cascade"> & {
  readonly members: readonly { readonly model: string }[];
}): CascadeParts | undefined {
  if (cascade === null) return undefined;
  const { stages, ...rest } = cascade;
  const place = { setting: "cascade.stages", orElse: "" };
  return {
    ...rest,
    stages: stages.map((names) => names.map((n) => findMember(members, n, place))),
  };
}

function nameOf(folder: string, precision: Precision): string {
  return precision === "float32" ? basename(folder) : `${basename(folder)}:${precision}`;
}
