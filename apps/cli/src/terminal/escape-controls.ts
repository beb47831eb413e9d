// C0 and C1 controls, DEL, line and paragraph separators, and the marks that reorder text on screen.
// oxlint-disable-next-line no-control-regex -- control characters are what must be escaped
const UNSAFE = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/**
 * Makes outside text safe to print on one line of a terminal: a file name must not move the cursor, set a
 * window's title, or make one row of a table look like two.
 */
export function escapeControls(text: string): string {
  return text.replace(UNSAFE, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);
}
