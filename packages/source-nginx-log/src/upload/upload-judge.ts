import type { ObjectPath } from "@sluice/contracts";
import type { LogRecord } from "../format/log-record.ts";
import { judgeStatus } from "./judge-status.ts";
import { toObjectPath, type MappedPath, type PathMap } from "./path-map.ts";
import { cleanPath, cleanTarget, type CleanPath, type NameRefusal } from "./request-path.ts";
import { splitUploadPaths } from "./upload-paths.ts";

/** What in a line named the upload. */
export type UploadRule =
  | "upload-header"
  | "file"
  | "body-file"
  | "destination"
  | "location"
  | "uri";

/** What a line means. */
export type Finding<Name = ObjectPath> =
  | {
      readonly kind: "upload";
      readonly rule: UploadRule;
      /** False: it may not have been stored; that nothing is there is normal. */
      readonly isCertain: boolean;
      readonly objects: readonly Name[];
      /** Names that lead nowhere. */
      readonly refusals: readonly NameRefusal[];
      /** Whether it named a directory, or more names than are looked at: only a listing finds those files. */
      readonly needsListing: boolean;
    }
  /** Something may have been stored, and nothing says what; a listing would find it. */
  | { readonly kind: "unnamed"; readonly isCertain: boolean }
  | { readonly kind: "ignored"; readonly reason: "method" | "status" | "no-name" };

export interface UploadRules {
  /** Paths of requests, destinations and Locations. */
  readonly uris: PathMap;
  /** Absolute paths of files as nginx knows them. */
  readonly files: PathMap;
  /** Most names of one line. */
  readonly maxNames: number;
}

/** Decides what a request has stored where. Every name is only a hint: whether a file lies there is looked at afterwards. */
export function judgeUpload(record: LogRecord, rules: UploadRules): Finding {
  const { method } = record;
  if (!METHODS.has(method)) return { kind: "ignored", reason: "method" };
  const stored = judgeStatus(record);
  if (stored === "none") return { kind: "ignored", reason: "status" };
  const isCertain = stored === "stored";
  for (const rule of RULES[method === "MOVE" || method === "COPY" ? "moved" : "sent"]) {
    const names = NAMERS[rule](record, rules);
    if (names !== null && names.length > 0) {
      return { ...gather(names), kind: "upload", rule, isCertain };
    }
  }
  const isMove = method === "MOVE" || method === "COPY";
  if (isMove || !isCertain) return { kind: "unnamed", isCertain };
  return { kind: "ignored", reason: "no-name" };
}

/** Methods that can store something. */
export const METHODS: ReadonlySet<string> = new Set(["PUT", "POST", "PATCH", "MOVE", "COPY"]);

/** Which rules are asked, in this order; the first that has names counts. */
const RULES: Readonly<Record<"moved" | "sent", readonly UploadRule[]>> = {
  moved: ["destination"],
  sent: ["upload-header", "file", "body-file", "location", "uri"],
};

interface FoundName {
  readonly mapped: MappedPath;
  readonly isDirectory: boolean;
}

/** The names that a rule finds in a line; null: the line does not say anything to it, and the next rule is asked. */
type Namer = (record: LogRecord, rules: UploadRules) => readonly FoundName[] | null;

const NAMERS: Readonly<Record<UploadRule, Namer>> = {
  /** The application says where it put the uploads, below the root. */
  "upload-header": ({ uploadPaths }, { maxNames }) =>
    uploadPaths === ""
      ? null
      : splitUploadPaths(uploadPaths, maxNames).map((path) =>
          follow(path, (clean) => toObjectPath(clean.slice(1))),
        ),
  /** nginx stored it itself. In front of an application this variable only repeats what the client asked for. */
  file: ({ method, file, upstreamStatus }, { files }) =>
    method === "PUT" && upstreamStatus === "" ? onlyMapped(cleanPath(file), files) : null,
  /** `client_body_in_file_only`. Of a form the file holds the form, not the picture. */
  "body-file": ({ bodyFile, contentType }, { files }) =>
    bodyFile === "" || /^multipart\//iu.test(contentType)
      ? null
      : onlyMapped(cleanPath(bodyFile), files),
  destination: ({ destination }, { uris }) =>
    destination === "" ? null : [follow(cleanTarget(destination), uris)],
  location: ({ location }, { uris }) =>
    location === "" ? null : onlyMapped(cleanTarget(location), uris),
  uri: ({ method, target, path, upstreamStatus }, { uris }) => {
    // nginx stores under the path after its rewrites; an application sees what the client sent.
    const isOwn = upstreamStatus === "" || target === "";
    const name = isOwn && path !== "" ? cleanPath(path) : cleanTarget(target);
    if (method === "PUT") return [follow(name, uris)];
    return onlyMapped(name, uris);
  },
};

function follow(name: CleanPath, map: PathMap): FoundName {
  if ("refusal" in name) return { mapped: name, isDirectory: false };
  return { mapped: map(name.path), isDirectory: name.isDirectory };
}

/** A name that no rule of the site covers says nothing here. */
function onlyMapped(name: CleanPath, map: PathMap): readonly FoundName[] | null {
  const found = follow(name, map);
  return "refusal" in found.mapped && ["unmapped", "no-path"].includes(found.mapped.refusal)
    ? null
    : [found];
}

function gather(names: readonly FoundName[]) {
  const objects = new Set<ObjectPath>();
  const refusals: NameRefusal[] = [];
  let needsListing = false;
  for (const { mapped, isDirectory } of names) {
    if (isDirectory && "path" in mapped) needsListing = true;
    else if ("path" in mapped) objects.add(mapped.path);
    else refusals.push(mapped.refusal);
    if ("refusal" in mapped && mapped.refusal === "too-many") needsListing = true;
  }
  return { objects: [...objects], refusals, needsListing };
}
