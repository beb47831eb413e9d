/** Time as a port: core code asks here, tests turn the hands themselves. */
export interface Clock {
  /** Unix time in milliseconds. */
  nowMs(): number;
  /** Calls back once, not before `delayMs` from now; the returned function cancels it and may be called late or twice. */
  schedule(delayMs: number, callback: () => void): CancelSchedule;
}

export type CancelSchedule = () => void;
