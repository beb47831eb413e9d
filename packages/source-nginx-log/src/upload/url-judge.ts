import type { LogRecord } from "../format/log-record.ts";
import { judgeStatus } from "./judge-status.ts";
import { cleanTarget, type NameRefusal } from "./request-path.ts";
import { METHODS, type Finding, type UploadRule } from "./upload-judge.ts";

export interface UrlRules {
  /** Origins from which anything may be fetched. */
  readonly origins: readonly string[];
  /** Request paths below `prefix` are fetched from below `url`. */
  readonly uris: readonly { readonly prefix: string; readonly url: string }[];
  /** Most names of one line. */
  readonly maxNames: number;
}

/**
 * Decides which address a request's upload can be fetched from: one that the application names (header, Location) on an origin of the
 * list, or one that the request's path leads to by the site's own rules. The host that a client sent is never part of it.
 */
export function createUrlJudge({
  origins,
  uris,
  maxNames,
}: UrlRules): (record: LogRecord) => Finding<string> {
  const allowed = new Set(origins.map((origin) => new URL(origin).origin));
  const rules = uris
    .map(({ prefix, url }) => ({ prefix: withSlash(prefix), url: withSlash(url) }))
    .sort((a, b) => b.prefix.length - a.prefix.length);

  const absolute = (text: string): string | null => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && allowed.has(url.origin) ? url.href : null;
  };
  const byPath = (target: string): string | null => {
    const clean = cleanTarget(target);
    if ("refusal" in clean || clean.isDirectory) return null;
    const rule = rules.find(({ prefix }) => clean.path.startsWith(prefix));
    return rule === undefined
      ? null
      : absolute(rule.url + encode(clean.path.slice(rule.prefix.length)));
  };
  return (record) => {
    if (!METHODS.has(record.method)) return { kind: "ignored", reason: "method" };
    const stored = judgeStatus(record);
    if (stored === "none") return { kind: "ignored", reason: "status" };
    const isCertain = stored === "stored";
    const find = (
      rule: UploadRule,
      names: readonly string[],
      follow: (name: string) => string | null,
    ) => gather(names.slice(0, maxNames).map(follow), { rule, isCertain });
    const { uploadPaths, location, destination, target, method } = record;
    if (method === "MOVE" || method === "COPY") return find("destination", [destination], byPath);
    if (uploadPaths !== "") {
      const names = uploadPaths.split(",", maxNames).map((name) => name.trim());
      return find("upload-header", names, absolute);
    }
    const [at, through] = [absolute(location) ?? byPath(location), byPath(target)];
    if (at !== null) return find("location", [at], absolute);
    if (through !== null) return find("uri", [through], absolute);
    return { kind: "ignored", reason: "no-name" };
  };
}

function gather(
  urls: readonly (string | null)[],
  { rule, isCertain }: { readonly rule: UploadRule; readonly isCertain: boolean },
): Finding<string> {
  const objects = [...new Set(urls.filter((url) => url !== null))];
  const refusals: NameRefusal[] = urls.filter((url) => url === null).map(() => "unmapped");
  return { kind: "upload", rule, isCertain, objects, refusals, needsListing: false };
}

/** A path's bytes as the path of an address. */
function encode(path: string): string {
  return path.replace(
    /[^A-Za-z0-9/._~-]/gu,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function withSlash(text: string): string {
  return text.endsWith("/") ? text : `${text}/`;
}
