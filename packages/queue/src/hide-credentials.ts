/** A Redis URL fit for people's eyes and logs: user name and password are left out. */
export function hideCredentials(redisUrl: string): string {
  if (!URL.canParse(redisUrl)) return "the configured URL";
  const url = new URL(redisUrl);
  return `${url.protocol}//${url.host}${url.pathname === "/" ? "" : url.pathname}`;
}
