import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SourcePlace } from "./line-site.ts";

/** A real folder. What happens in it is what its watcher is told. */
export function makeFolderPlace(): SourcePlace {
  const folder = mkdtempSync(join(tmpdir(), "sluice-place-"));
  return {
    root: { folder },
    source: { kind: "folder", settleMs: 20 },
    async put(name, content = "content") {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return await Promise.resolve();
    },
    async remove(name) {
      rmSync(join(folder, name));
      return await Promise.resolve();
    },
    hint: null,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
      return await Promise.resolve();
    },
  };
}
