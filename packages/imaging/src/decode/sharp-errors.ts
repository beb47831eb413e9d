/**
 * sharp 0.35 and libvips give their errors as text only, with no code. All that is read from such text stands
 * here, and is tested against the pinned version; everything else is decided by rules of our own.
 */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && /^timeout: \d+% complete/mu.test(error.message);
}

export function isMemoryProblem(error: unknown): boolean {
  return error instanceof Error && /out of memory/u.test(error.message);
}
