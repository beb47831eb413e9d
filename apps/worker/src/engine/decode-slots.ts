import { availableParallelism } from "node:os";

/**
 * Images that are read and decoded at a time: one more than cores when the setting is 0, so that a core has
 * work while another image is being read.
 */
export function countDecodeSlots({ decodeConcurrency }: { decodeConcurrency: number }): number {
  return decodeConcurrency === 0 ? availableParallelism() + 1 : decodeConcurrency;
}
