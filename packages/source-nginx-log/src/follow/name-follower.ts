import type { LineLedger } from "../tail/line-ledger.ts";

/** The line in which a name stands. */
export interface NamingLine {
  readonly ledger: LineLedger;
  readonly at: number;
  readonly isCertain: boolean;
  /** The whole line: the same one read again is the same text. */
  readonly text: string;
}

/** Port: does with the names of uploads what is to be done, and closes their lines when the journal has it. */
export interface NameFollower<Name> extends AsyncDisposable {
  /** Names that are not dealt with. */
  readonly size: number;
  /** False: nothing more is to be read. */
  readonly hasRoom: boolean;
  /** Whether what is named could be reached when that was last tried. */
  readonly isAvailable: boolean;
  /** When there will be something to do; null: nothing waits. */
  readonly nextDueMs: number | null;
  add(name: Name, line: NamingLine): void;
  /** Does some of what is due. Returns whether there was anything. */
  work(): Promise<boolean>;
}
