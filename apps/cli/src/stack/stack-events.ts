import { hideCredentials } from "@sluice/queue";
import type { Terminal } from "../terminal/terminal.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import type { AppExit } from "./app-process.ts";

/** What `sluice start` says about the processes it keeps. */
export interface StackEvents {
  redisInstalling(message: string): void;
  redisReady(event: {
    readonly url: string;
    readonly isOwn: boolean;
    readonly maxmemoryPolicy: string | null;
  }): void;
  redisEnded(event: { readonly restartInMs: number }): void;
  appReady(event: { readonly app: string; readonly pid: number; readonly port: number }): void;
  appEnded(event: {
    readonly app: string;
    readonly exit: AppExit;
    readonly restartInMs: number;
  }): void;
}

export function announceOn(terminal: Terminal): StackEvents {
  return {
    redisInstalling(message) {
      terminal.say(message);
    },
    redisReady({ url, isOwn, maxmemoryPolicy }) {
      const whose = isOwn ? "  (our own)" : "";
      terminal.say(`redis       ready  ${hideCredentials(url)}${whose}`);
      if (maxmemoryPolicy !== null && maxmemoryPolicy !== "noeviction") {
        terminal.say(
          `warning: this Redis has maxmemory-policy ${maxmemoryPolicy}; under memory pressure it drops jobs. Set it to noeviction`,
        );
      }
    },
    redisEnded({ restartInMs }) {
      terminal.say(`redis ended; starting it again in ${formatDuration(restartInMs)}`);
    },
    appReady({ app, pid, port }) {
      terminal.say(`${app.padEnd(10)}  ready  http://127.0.0.1:${port}/readyz  pid ${pid}`);
    },
    appEnded({ app, exit, restartInMs }) {
      const how = exit.signal ?? `exit code ${exit.code}`;
      terminal.say(`${app} ended (${how}); starting it again in ${formatDuration(restartInMs)}`);
    },
  };
}

/** For a caller that shows the processes' state in its own way. */
export const SILENT_EVENTS: StackEvents = {
  redisInstalling: () => undefined,
  redisReady: () => undefined,
  redisEnded: () => undefined,
  appReady: () => undefined,
  appEnded: () => undefined,
};
