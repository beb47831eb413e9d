import type { NginxLogEvents } from "../nginx-log-events.ts";

/** Events that nobody listens to, but for those that are given. */
export function silentEvents(heard: Partial<NginxLogEvents> = {}): NginxLogEvents {
  const nothing = (): void => undefined;
  return {
    logOpened: nothing,
    logUnavailable: nothing,
    logRecovered: nothing,
    logRotated: nothing,
    linesLost: nothing,
    linesSkipped: nothing,
    linesRead: nothing,
    uploadNamed: nothing,
    nameRefused: nothing,
    nameFollowed: nothing,
    ...heard,
  };
}
