/**
 * What a key in a message may stand for, the likeliest first. Amazon and MinIO encode it as in a form (`+` for a space), Ceph and EventBridge
 * do not; versions of all of them differ. Asking the bucket decides.
 */
export function keySpellings(
  text: string,
  { isEncoded }: { readonly isEncoded: boolean },
): readonly string[] {
  const decoded = decodeForm(text);
  if (decoded === null || decoded === text) return [text];
  return isEncoded ? [decoded, text] : [text, decoded];
}

/** Also for keys in listings that were asked for with `encoding-type=url`. Null: that is no encoding of any text. */
export function decodeForm(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return null; // URIError: not UTF-8, or a % with nothing behind it
  }
}
