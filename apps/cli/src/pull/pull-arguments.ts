import { InvalidArgumentError } from "@commander-js/extra-typings";

const UNIT_BYTES: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const MOST_BYTES = 2 ** 40;
const MOST_SECONDS = 3600;

/** `500M`, `4G` or a plain number, in powers of 1024. Throws commander's InvalidArgumentError. */
export function parseBytes(text: string): number {
  const [, digits = "", unit = ""] = /^(\d{1,13})([KMG]?)$/iu.exec(text) ?? [];
  const bytes = Number(digits) * (UNIT_BYTES[unit.toUpperCase()] ?? 1);
  if (digits !== "" && bytes >= 1 && bytes <= MOST_BYTES) return bytes;
  throw new InvalidArgumentError("expected a number of bytes up to 1024G, such as 500M or 4G");
}

/** Throws commander's InvalidArgumentError. */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (/^\d+(?:\.\d+)?$/u.test(text) && seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new InvalidArgumentError(`expected seconds, more than 0 and at most ${MOST_SECONDS}`);
}

/** Gives lower case. Throws commander's InvalidArgumentError. */
export function parseSha256(text: string): string {
  if (/^[0-9a-f]{64}$/iu.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("expected 64 hex digits");
}
