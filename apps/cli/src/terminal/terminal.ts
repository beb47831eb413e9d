/** Where a command writes. Results go to stdout, everything said beside them to stderr. */
export interface Terminal {
  /** Writes one line of result; `text` has already been escaped. */
  print(text: string): void;
  /** Writes one line of message. */
  say(text: string): void;
  /** Replaces the progress line; says nothing where stderr is not a terminal. */
  showProgress(text: string): void;
  /** Takes the progress line away. */
  clearProgress(): void;
  readonly isInteractive: boolean;
}

export interface TextStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const CLEAR_LINE = "\r\u001B[2K";

export function openTerminal(streams: { stdout: TextStream; stderr: TextStream }): Terminal {
  const { stdout, stderr } = streams;
  const isInteractive = stderr.isTTY === true;
  let isProgressShown = false;
  const clearProgress = (): void => {
    if (isProgressShown) stderr.write(CLEAR_LINE);
    isProgressShown = false;
  };
  return {
    isInteractive,
    clearProgress,
    print(text) {
      clearProgress();
      stdout.write(`${text}\n`);
    },
    say(text) {
      clearProgress();
      stderr.write(`${text}\n`);
    },
    showProgress(text) {
      if (!isInteractive) return;
      // A line that wraps could not be replaced. Some terminals say that they have no columns at all.
      const columns = stderr.columns ?? 0;
      stderr.write(CLEAR_LINE + text.slice(0, (columns > 0 ? columns : 80) - 1));
      isProgressShown = true;
    },
  };
}
