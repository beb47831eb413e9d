import { defineGraph, type Architecture, type Naming } from "../architectures/architecture.ts";
import { listParameters } from "../graph/measure.ts";
import type { Graph, Parameter } from "../graph/operation.ts";
import { asDefined } from "./renaming.ts";

/** A network as the library of a weights file builds it. */
export interface NamedGraph {
  readonly naming: Naming;
  readonly graph: Graph;
  readonly parameters: readonly Parameter[];
}

export interface GraphSize {
  readonly classes: number;
  readonly inputSize: number;
}

/** Every way in which libraries name the tensors of an architecture, that of its source first. */
export function namingsOf(architecture: Architecture): readonly Naming[] {
  return architecture.namings ?? [{ library: architecture.source, rename: asDefined }];
}

/** @throws ShapeError when pictures of this size are too small */
export function defineNamed(
  architecture: Architecture,
  naming: Naming,
  size: GraphSize,
): NamedGraph {
  const define = naming.define ?? architecture.define;
  const graph = defineGraph({ define }, size);
  return { naming, graph, parameters: listParameters(graph) };
}

/**
 * Finds the library that a weights file comes from by the names of its tensors: the one of whose names the file has the
 * most; the architecture's own when none is better. Shapes are not looked at, so that a wrong one is told under the file's
 * own names.
 *
 * @throws ShapeError when pictures of this size are too small
 */
export function chooseNaming(
  architecture: Architecture,
  size: GraphSize,
  tensors: ReadonlyMap<string, unknown>,
): NamedGraph {
  const [own, ...others] = namingsOf(architecture);
  if (own === undefined) throw new Error(`${architecture.name} has no naming`);
  let best = { named: defineNamed(architecture, own, size), present: 0 };
  best = { ...best, present: shareOf(best.named, tensors) };
  for (const naming of others) {
    const named = defineNamed(architecture, naming, size);
    const present = shareOf(named, tensors);
    if (present > best.present) best = { named, present };
  }
  return best.named;
}

function shareOf(
  { naming, parameters }: NamedGraph,
  tensors: ReadonlyMap<string, unknown>,
): number {
  const found = parameters.filter(({ name }) => tensors.has(naming.rename(name)));
  return found.length / parameters.length;
}
