/**
 * Members by their measured cost, the cheapest first, each in a stage of its own. The one whose embeddings are part of every outcome
 * runs for every picture, so it comes first whatever it costs.
 *
 * @param memberMs per member
 * @returns indices of the members, stage by stage
 */
export function orderStages(memberMs: readonly number[], embedder: number | undefined): number[][] {
  const cost = (member: number): number => (member === embedder ? -1 : (memberMs[member] ?? 0));
  return memberMs
    .map((_, member) => member)
    .toSorted((a, b) => cost(a) - cost(b) || a - b)
    .map((member) => [member]);
}
