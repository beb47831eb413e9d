import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SourcePlace } from "./line-site.ts";

/** A folder whose web server writes down what it stores there, as nginx does for WebDAV. */
export function makeLogPlace({ listing }: { readonly listing: boolean }): SourcePlace {
  const place = mkdtempSync(join(tmpdir(), "sluice-place-"));
  const folder = join(place, "uploads");
  const log = join(place, "access.log");
  mkdirSync(folder);
  writeFileSync(log, "");
  const tell = (request: string, status: number): void => {
    const line = `192.0.2.1 - - [23/Nov/2026:03:43:02 +0000] "${request} HTTP/1.1" ${status} 0 "-" "-"\n`;
    appendFileSync(log, line);
  };
  const put = (name: string): void => tell(`PUT /dav/${encodeURIComponent(name)}`, 201);
  return {
    root: { folder },
    source: {
      kind: "nginx-log",
      logs: [log],
      format: "combined",
      uris: [{ prefix: "/dav" }],
      settleMs: 20,
      waitForFileMs: 500,
      listing,
    },
    async put(name, content = "content") {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      put(name);
      return await Promise.resolve();
    },
    async remove(name) {
      rmSync(join(folder, name));
      tell(`DELETE /dav/${encodeURIComponent(name)}`, 204);
      return await Promise.resolve();
    },
    async hint(name) {
      put(name);
      return await Promise.resolve();
    },
    async [Symbol.asyncDispose]() {
      rmSync(place, { recursive: true });
      return await Promise.resolve();
    },
  };
}
