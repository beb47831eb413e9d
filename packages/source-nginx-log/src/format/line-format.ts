import { splitFormat } from "./format-parts.ts";
import { compilePattern } from "./line-pattern.ts";
import { parseLogFormat, type Escape } from "./log-format-directive.ts";
import { LogFormatError } from "./log-format-error.ts";
import type { LogRecord } from "./log-record.ts";
import { unescapeValue } from "./log-values.ts";
import { FIELDS, fieldOf, type Field } from "./variables.ts";

/** Understands the lines of one log_format. */
export interface LineFormat {
  readonly name: string;
  /** What its lines tell. */
  readonly fields: ReadonlySet<Field>;
  /** Whether a line can mean an upload at all; cheap, and never wrongly no. */
  mayBeUpload(line: string): boolean;
  /** Null: no line of this format. `line` without its line break, as latin1. */
  parse(line: string): LogRecord | null;
}

/**
 * Compiles a log_format directive.
 *
 * @throws LogFormatError when lines of this format could not be understood, could be forged, or would not say what was uploaded
 */
export function compileLineFormat(
  directive: string,
  { uploadHeader }: { readonly uploadHeader: string },
): LineFormat {
  const { name, escape, text } = parseLogFormat(directive);
  const isWanted = (variable: string): boolean => fieldOf(variable, uploadHeader) !== undefined;
  const pattern = compilePattern(splitFormat(name, text), { name, escape, isWanted });
  // Of two variables for one field, such as $uri and $document_uri, the first counts.
  const groups = new Map<Field, number>();
  for (const [index, variable] of pattern.captured.entries()) {
    const field = fieldOf(variable, uploadHeader);
    if (field !== undefined && !groups.has(field)) groups.set(field, index + 1);
  }
  requireFields(name, groups, uploadHeader);
  const read = createReader(groups, escape);
  return {
    name,
    fields: new Set(groups.keys()),
    mayBeUpload: (line) => METHODS.test(line),
    parse(line) {
      const match = pattern.regExp.exec(line);
      return match === null ? null : read(match);
    },
  };
}

/** No escaping changes these letters, and every format that is accepted has the method in it. */
const METHODS = /PUT|POST|PATCH|MOVE|COPY/u;

function requireFields(
  name: string,
  groups: ReadonlyMap<Field, number>,
  uploadHeader: string,
): void {
  const lacks = (...fields: readonly Field[]): boolean => !fields.some((f) => groups.has(f));
  const refuse = (what: string, add: string): never => {
    throw new LogFormatError(
      `log_format ${name}: lines do not tell ${what}; add ${add}, or use the format in infra/nginx`,
    );
  };
  if (lacks("status")) refuse("whether a request succeeded", '"$status"');
  if (lacks("method", "request")) refuse("what kind of request it was", '"$request"');
  if (lacks(...NAMING)) {
    const header = uploadHeader.toLowerCase().replaceAll("-", "_");
    refuse(
      "what was uploaded",
      `"$uri" (for uploads that nginx stores) or "$upstream_http_${header}"`,
    );
  }
}

const NAMING: readonly Field[] = FIELDS.filter(
  (field) =>
    !["method", "status", "completion", "upstreamStatus", "contentType", "id"].includes(field),
);

/** Reads the fields of a match, by their groups. */
function createReader(
  groups: ReadonlyMap<Field, number>,
  escape: Escape,
): (match: readonly string[]) => LogRecord {
  const at = (field: Field): number => groups.get(field) ?? 0;
  const places = {
    method: at("method"),
    status: at("status"),
    request: at("request"),
    target: at("target"),
    path: at("path"),
    completion: at("completion"),
    file: at("file"),
    destination: at("destination"),
    bodyFile: at("bodyFile"),
    upstreamStatus: at("upstreamStatus"),
    location: at("location"),
    uploadPaths: at("uploadPaths"),
    contentType: at("contentType"),
    id: at("id"),
  } satisfies Record<Field, number>;
  return (match) => {
    // Group 0 is the whole line: a field that the format does not have.
    const value = (place: number): string =>
      place === 0 ? "" : unescapeValue(match[place] ?? "", escape);
    const request = splitRequest(value(places.request));
    return {
      method: value(places.method) || request.method,
      status: Number(value(places.status)) || 0,
      target: value(places.target) || request.target,
      path: value(places.path),
      isComplete: places.completion === 0 ? null : value(places.completion) === "OK",
      file: value(places.file),
      destination: value(places.destination),
      bodyFile: value(places.bodyFile),
      upstreamStatus: places.upstreamStatus === 0 ? null : value(places.upstreamStatus),
      location: value(places.location),
      uploadPaths: value(places.uploadPaths),
      contentType: value(places.contentType),
      id: value(places.id),
    };
  };
}

/** `$request` is "METHOD target HTTP/x.y"; a target may hold spaces in old versions of nginx, and HTTP/0.9 has no version. */
function splitRequest(request: string): { readonly method: string; readonly target: string } {
  const [, method = "", target = ""] = /^(\S+) (.*?)(?: HTTP\/[\d.]+)?$/su.exec(request) ?? [];
  return { method, target };
}
