/** One thing that was looked at. `warning`: it works, and could go wrong or go better. `broken`: Sluice cannot work like that. */
export interface Finding {
  readonly what: string;
  readonly state: "ok" | "warning" | "broken";
  /** What was found. */
  readonly found: string;
  /** What to do; null when all is well. */
  readonly remedy: string | null;
}

export function ok(what: string, found: string): Finding {
  return { what, state: "ok", found, remedy: null };
}

export function warning(what: string, found: string, remedy: string): Finding {
  return { what, state: "warning", found, remedy };
}

export function broken(what: string, found: string, remedy: string): Finding {
  return { what, state: "broken", found, remedy };
}
