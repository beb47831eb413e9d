import type { Access } from "../http/open-response.ts";
import type { ExpectedContent } from "./expected-content.ts";

/** A file that can be fetched, and where it is kept. */
export interface RemoteFile {
  /** In words for people: path in its repository, or file name. */
  readonly name: string;
  readonly url: URL;
  /** Null when only the server knows. */
  readonly sizeBytes: number | null;
  /** Null when nothing was published about its bytes. */
  readonly expected: ExpectedContent | null;
  readonly cachePath: string;
  readonly access: Access;
}
