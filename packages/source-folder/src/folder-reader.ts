import type { BytePath } from "./byte-path.ts";
import type { Found } from "./found.ts";

/** Port: looks at a folder without making the caller's loop wait for the file system. Rejects with FolderThreadError. */
export interface FolderReader {
  /** `device`: st_dev of the folder. */
  look(paths: readonly BytePath[], device: bigint): Promise<readonly Found[]>;
  /** Lists what lies below a directory, in batches. */
  list(request: ListRequest): AsyncGenerator<readonly Found[], void, undefined>;
}

export interface ListRequest {
  readonly from: BytePath;
  readonly isRecursive: boolean;
  readonly device: bigint;
}
