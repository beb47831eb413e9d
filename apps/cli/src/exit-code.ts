/**
 * What `sluice` tells its caller. The numbers 69, 70 and 78 are those of sysexits.h, so that systemd
 * units can treat a wrong configuration (no restart) and an unavailable Redis (restart) differently.
 */
export const EXIT_CODE = {
  ok: 0,
  /** It ran and the answer is no: a check failed, an id is unknown, an app ended. */
  failed: 1,
  /** Unknown command or option, missing argument. */
  usage: 2,
  /** Something that Sluice needs does not answer: Redis, or a service that is not running. */
  unavailable: 69,
  /** A fault of Sluice itself; printed with its stack. */
  internal: 70,
  /** Something else is under way with the same object; the same command works a moment later. */
  tryAgain: 75,
  /** The configuration is wrong or names something that is not there. */
  configuration: 78,
  /** Stopped by a signal before it was done; 128 and the number of SIGINT, as shells say it. */
  interrupted: 130,
} as const;

/** Appended to the help of the program. */
export const EXIT_CODE_HELP = `
Exit codes:
  0   it worked
  1   it ran and failed
  2   unknown command, option or argument
  69  something that is needed does not answer (Redis)
  75  something else is under way with it: try again in a moment
  78  the configuration is wrong
  130 stopped before it was done`;
