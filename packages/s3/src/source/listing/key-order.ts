/** Keys in the order in which servers list them: by the bytes of their UTF-8, which is the order of their code points. */
export function compareKeys(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Code units of characters above U+FFFF (surrogates) come after all others, although their numbers do not. */
function rank(unit: number): number {
  return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE ? unit + BEHIND_ALL : unit;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const BEHIND_ALL = 0x1_0000;
/** Behind every code point. */
const END = 0x11_0000;
/** Below the first character that names are made of; whatever comes before it stays in the lower half. */
const BLANK = 0x1f;

/**
 * A key about halfway between two others, null when there is none worth asking for. `high` null: the end of everything that begins with
 * `prefix`. Halfway is meant in ratio, so that a few steps lead from the end of all characters to those that names use.
 */
export function keyBetween(low: string, high: string | null, prefix: string): string | null {
  const lower = Array.from(low, codePoint);
  const upper = high === null ? Array.from(prefix, codePoint) : Array.from(high, codePoint);
  let at = 0;
  while (at < lower.length && at < upper.length && lower[at] === upper[at]) at += 1;
  let above = at < upper.length ? (upper[at] ?? END) : END;
  if (high !== null && at === upper.length) return null; // nothing lies between
  for (; at <= lower.length; at++) {
    const below = Math.max(lower[at] ?? BLANK, BLANK);
    const middle = between(below, above);
    if (middle !== null) return String.fromCodePoint(...lower.slice(0, at), middle);
    if (at < lower.length && above <= (lower[at] ?? BLANK)) return null;
    above = END; // the rest of what begins as `low` does
  }
  return null;
}

/** A code point between two others that is a character. */
function between(below: number, above: number): number | null {
  const middle = Math.floor(Math.sqrt(below * above));
  for (const candidate of [middle, middle + 1]) {
    const isCharacter = candidate < FIRST_SURROGATE || candidate > LAST_SURROGATE;
    if (candidate > below && candidate < above && isCharacter) return candidate;
  }
  return null;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
