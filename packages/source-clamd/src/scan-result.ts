import type { Answer } from "@sluice/contracts";

/** What is told about one file or stream. */
export type ScanResult =
  | { readonly kind: "clean" }
  | { readonly kind: "found"; readonly name: string }
  /** It was not scanned: never `OK`. `cause` is one of a fixed set, for counting; `reason` is for people. */
  | { readonly kind: "error"; readonly cause: string; readonly reason: string };

/**
 * A decision in clamd's words. Only what was scanned and allowed is clean. What waits for a person is found, too, under a name of
 * its own, so that whoever asks holds it; what could not be scanned is an error, whatever the policy says.
 */
export function toScanResult({ decision, rule, unscannable }: Answer): ScanResult {
  if (unscannable !== null) {
    return { kind: "error", cause: unscannable, reason: `not scanned (${unscannable})` };
  }
  switch (decision) {
    case "allow":
      return { kind: "clean" };
    case "quarantine":
      return { kind: "found", name: `Image.Forbidden.${nameOf(rule)}` };
    case "review":
      return { kind: "found", name: `Image.Review.${nameOf(rule)}` };
    case "gone":
      return { kind: "error", cause: "gone", reason: "not scanned (our copy was gone)" };
    default:
      return decision satisfies never;
  }
}

/** Clients split replies at spaces and colons, and print names. */
function nameOf({ label, kind }: Answer["rule"]): string {
  const plain = (label ?? kind).normalize("NFKD").replace(/[^\w.-]+/gu, "-");
  return plain.replace(/^-+|-+$/gu, "").slice(0, 128) || "unnamed";
}

/** The reply about one file or stream: `<what>: OK`, `<what>: <name> FOUND` or `<what>: <reason> ERROR`. */
export function formatResult(what: string, result: ScanResult): string {
  switch (result.kind) {
    case "clean":
      return `${what}: OK`;
    case "found":
      return `${what}: ${result.name} FOUND`;
    case "error":
      // Clients take what follows the last colon.
      return `${what}: ${result.reason.replace(/[^\x20-\x39\x3B-\x7E]+/gu, " ").slice(0, 300)} ERROR`;
    default:
      return result satisfies never;
  }
}
