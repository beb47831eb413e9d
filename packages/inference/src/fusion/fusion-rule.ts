/**
 * How the probabilities of several members become one score per label.
 *
 * - `mean`: every member counts the same.
 * - `weighted`: mean by the members' weights.
 * - `geometric`: weighted mean of logarithms, normalised to sum 1; one member that is sure of "no" counts much.
 * - `vote`: share of the members' weights whose best label it is; ties go to the lower class id.
 * - `max`: the highest of all members, for labels of which none may be missed; scores do not sum to 1.
 */
export const FUSION_RULES = ["mean", "weighted", "geometric", "vote", "max"] as const;
export type FusionRule = (typeof FUSION_RULES)[number];
