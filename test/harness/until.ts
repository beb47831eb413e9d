import { setTimeout as delay } from "node:timers/promises";

export interface UntilOptions {
  /** What is waited for, for the message when it does not come. */
  readonly what: string;
  readonly timeoutMs: number;
  /** Said in the message as well: how things stand. */
  readonly describe?: () => string | Promise<string>;
}

const LOOK_EVERY_MS = 25;

/** Polls a fact of the world outside until it holds. `look` gives undefined as long as it does not. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  { what, timeoutMs, describe }: UntilOptions,
): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (deadline.aborted) {
      const state = describe === undefined ? "" : `\n${await describe()}`;
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}${state}`);
    }
    await delay(LOOK_EVERY_MS);
  }
}
