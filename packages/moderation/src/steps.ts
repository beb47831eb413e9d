/**
 * Every point at which a process may die between two changes of the world, in the order of each effect. The hook
 * exists for fault injection: tests kill the process at each of them and look at what the next one makes of it.
 */
export const STEPS = {
  vault: [
    "decision.recorded",
    "vault.part-opened",
    "vault.part-synced",
    "vault.sidecar-written",
    "vault.blob-named",
    "record.taking",
    "original.verified",
    "original.set-aside",
    "record.removing",
    "original.removed",
    "original.removal-synced",
    "record.done",
  ],
  publish: [
    "decision.recorded",
    "place.part-opened",
    "place.part-synced",
    "place.linked",
    "place.synced",
    "record.placed",
    "place.tidied",
    "original.verified",
    "original.set-aside",
    "original.removed",
    "original.removal-synced",
    "record.done",
  ],
  restore: [
    "record.begun",
    "place.part-opened",
    "place.part-synced",
    "place.linked",
    "place.synced",
    "record.placed",
    "place.tidied",
    "record.done",
  ],
} as const;

export type StepName = (typeof STEPS)[keyof typeof STEPS][number];
export type OnStep = (step: StepName) => void;
