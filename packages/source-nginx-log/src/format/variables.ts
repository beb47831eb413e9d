/** What Sluice looks for in a line. */
export const FIELDS = [
  "method",
  "status",
  "request",
  "target",
  "path",
  "completion",
  "file",
  "destination",
  "bodyFile",
  "upstreamStatus",
  "location",
  "uploadPaths",
  "contentType",
  "id",
] as const;
export type Field = (typeof FIELDS)[number];

const FIXED: ReadonlyMap<string, Field> = new Map([
  ["request_method", "method"],
  ["status", "status"],
  ["request", "request"],
  ["request_uri", "target"],
  ["uri", "path"],
  ["document_uri", "path"],
  ["request_completion", "completion"],
  ["request_filename", "file"],
  ["http_destination", "destination"],
  ["request_body_file", "bodyFile"],
  ["upstream_status", "upstreamStatus"],
  ["sent_http_location", "location"],
  ["upstream_http_location", "location"],
  ["content_type", "contentType"],
  ["http_content_type", "contentType"],
  ["request_id", "id"],
]);

/** Which field a variable is; undefined: none that is looked for. `uploadHeader`: the response header that names uploads. */
export function fieldOf(variable: string, uploadHeader: string): Field | undefined {
  const header = uploadHeader.toLowerCase().replaceAll("-", "_");
  if (variable === `upstream_http_${header}` || variable === `sent_http_${header}`)
    return "uploadPaths";
  return FIXED.get(variable);
}

/**
 * Characters (as inside of a character class) of variables whose values nginx makes itself or has checked; no client can put
 * anything else into them. Whatever is not listed may hold anything that escaping lets through.
 */
const SAFE_CHARACTERS: ReadonlyMap<string, string> = new Map([
  ["remote_addr", "0-9a-fA-F.:unix"],
  ["realip_remote_addr", "0-9a-fA-F.:unix"],
  ["server_addr", "0-9a-fA-F.:unix"],
  ["remote_port", "0-9"],
  ["server_port", "0-9"],
  ["status", "0-9"],
  ["request_method", "A-Z_-"],
  ["request_id", "0-9a-f"],
  ["request_completion", "OK"],
  ["request_length", "0-9"],
  ["request_time", "0-9."],
  ["body_bytes_sent", "0-9"],
  ["bytes_sent", "0-9"],
  ["connection", "0-9"],
  ["connection_requests", "0-9"],
  ["pipe", "p."],
  ["pid", "0-9"],
  ["msec", "0-9."],
  ["scheme", "a-z"],
  ["https", "on"],
  ["gzip_ratio", "0-9.-"],
  ["time_local", "0-9A-Za-z/:+ -"],
  ["time_iso8601", "0-9T:+Z-"],
  ["upstream_status", "0-9, :-"],
  ["upstream_response_time", "0-9., :-"],
  ["upstream_connect_time", "0-9., :-"],
  ["upstream_header_time", "0-9., :-"],
  ["ssl_protocol", "A-Za-z0-9.-"],
  ["ssl_cipher", "A-Za-z0-9_-"],
]);

/** Null: a client may have put anything into it. An empty value is written as `-` or as nothing. */
export function safeCharactersOf(variable: string): string | null {
  const characters = SAFE_CHARACTERS.get(variable);
  if (characters === undefined) return null;
  return characters.endsWith("-") ? characters : `${characters}-`;
}
