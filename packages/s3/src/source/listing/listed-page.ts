import { compareKeys } from "./key-order.ts";

/** An object as a listing tells of it. */
export interface ListedObject {
  readonly key: string;
  /** Null: the bucket keeps no versions, or this listing does not tell them. */
  readonly versionId: string | null;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly lastModifiedMs: number;
}

/** Where the next page begins, in the server's own terms. */
export interface PageToken {
  readonly continuation?: string;
  readonly keyMarker?: string;
  readonly versionIdMarker?: string;
}

export interface ListedPage {
  /** The present objects; a listing of versions also passes over older ones and delete markers. */
  readonly objects: readonly ListedObject[];
  /** Keys that are no text; there is no way to ask for them. */
  readonly unreadable: number;
  /** The first and last key of all that the page told of; null when it told of nothing. */
  readonly span: { readonly first: string; readonly last: string } | null;
  /** Whether its keys came in the order of `compareKeys`. */
  readonly isOrdered: boolean;
  /** Null: this was the last page. */
  readonly next: PageToken | null;
}

export interface PageRequest {
  readonly prefix: string;
  /** Only keys behind this one; null: from the beginning. Not together with `next`. */
  readonly after: string | null;
  /** Goes on where a page ended. */
  readonly next: PageToken | null;
  readonly signal: AbortSignal;
}

/** Port: what lies below a prefix, a page at a time. Rejects with S3Error. */
export interface PageSource {
  list(request: PageRequest): Promise<ListedPage>;
  /** The first page of what lies directly below a prefix. */
  folders(request: Pick<PageRequest, "prefix" | "signal">): Promise<FolderPage>;
}

export interface FolderPage {
  /** Prefixes up to and with the next `/`. */
  readonly folders: readonly string[];
  /** Whether they are all that lies there: no keys beside them, no further page. */
  readonly isComplete: boolean;
}

/** What a page's keys show about it. */
export function spanOf(keys: readonly string[]): Pick<ListedPage, "span" | "isOrdered"> {
  const [first] = keys;
  const last = keys.at(-1);
  if (first === undefined || last === undefined) return { span: null, isOrdered: true };
  const isOrdered = keys.every((key, at) => at === 0 || compareKeys(keys[at - 1] ?? "", key) <= 0);
  return { span: { first, last }, isOrdered };
}
