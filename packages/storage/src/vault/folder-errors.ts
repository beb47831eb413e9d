import type { RootName } from "@sluice/contracts";

/** A record or verdict names a root that this process's configuration does not have. */
export class RootUnknownError extends Error {
  override readonly name = "RootUnknownError";
  readonly code = "ROOT_UNKNOWN";
  readonly retryable = true;
  constructor(root: RootName) {
    super(
      `The root ${JSON.stringify(root)} is not configured here; name its folder under "roots".`,
    );
  }
}

/** A root's folder is not there (a mount that is away). Nothing in it counts as gone because of that. */
export class RootUnavailableError extends Error {
  override readonly name = "RootUnavailableError";
  readonly code = "ROOT_UNAVAILABLE";
  readonly retryable = true;
  constructor(root: RootName, cause: unknown) {
    super(`The folder of the root ${JSON.stringify(root)} cannot be opened; mount or create it.`, {
      cause,
    });
  }
}

/** Below a root stands a symbolic link or a file where a folder is needed to put something. */
export class DestinationUnsafeError extends Error {
  override readonly name = "DestinationUnsafeError";
  readonly code = "DESTINATION_UNSAFE";
  readonly retryable = true;
  constructor(root: RootName, path: string, cause?: unknown) {
    super(
      `Nothing is put at ${root}:${path}: one of its folders is a symbolic link or no folder. Make it a real folder.`,
      { cause },
    );
  }
}

/** The private staging folder belongs to someone else, so bytes in it would not be private. */
export class StagingUnsafeError extends Error {
  override readonly name = "StagingUnsafeError";
  readonly code = "STAGING_UNSAFE";
  readonly retryable = true;
  constructor(root: RootName, folder: string) {
    super(`The folder ${folder} below the root ${JSON.stringify(root)} is not ours; remove it.`);
  }
}

/** The vault lacks bytes or a sidecar that a record says it has. */
export class VaultDamagedError extends Error {
  override readonly name = "VaultDamagedError";
  readonly code = "VAULT_DAMAGED";
  readonly retryable = true;
  constructor(id: string, what: string) {
    super(`Vault record ${id}: ${what}. Look for the file in a backup of the vault folder.`);
  }
}

/** Code of a system error such as ENOENT; empty for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}
