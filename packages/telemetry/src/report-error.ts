import { z } from "zod";

/**
 * Errors of ours say what they are (`code`, `retryable`); those that can end a process also say how (`exitCode`; sysexits.h: 64 usage,
 * 69 unavailable, 78 configuration). Node.js errors have a `code` but no `retryable`.
 */
const expectedErrorSchema = z.object({
  code: z.string(),
  retryable: z.boolean(),
  exitCode: z.number().int().min(0).max(255).default(1),
});

/** sysexits.h: internal software error. */
const EXIT_BUG = 70;

/**
 * Prints an error as a person should see it and says which exit code belongs to it: an expected one is its message alone, anything
 * else is a bug, with its stack. Exit code 0: it was a wanted stop, nothing is printed.
 */
export function reportError(name: string, error: unknown): number {
  const expected = expectedErrorSchema.safeParse(error);
  if (expected.success && error instanceof Error) {
    if (expected.data.exitCode !== 0) process.stderr.write(`${name}: ${error.message}\n`);
    return expected.data.exitCode;
  }
  process.stderr.write(`${name}: unexpected error, please report it: ${describe(error)}\n`);
  return EXIT_BUG;
}

/** With the stacks of all that caused it and, of several failures at once, of each. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? error.errors : [];
  const parts = [error.stack ?? error.message, ...inner.map((e) => `also: ${describe(e)}`)];
  if (error.cause !== undefined) parts.push(`caused by: ${describe(error.cause)}`);
  return parts.join("\n");
}
