import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import type { PackageFacts, SourceFacts } from "./workspace-rules.ts";

export const root: string = join(import.meta.dirname, "../..");

/** Reads manifests and imports of every workspace package. */
export function readWorkspace(): PackageFacts[] {
  const manifests = globSync(
    ["{apps,packages}/*/package.json", "infra/demo-models/package.json", "test/package.json"],
    { cwd: root },
  );
  return manifests.map((manifest) => readPackage(dirname(manifest)));
}

function readPackage(folder: string): PackageFacts {
  const manifest = readJson(join(folder, "package.json"));
  const config = folder === "test" ? { references: [] } : readJson(join(folder, "tsconfig.json"));
  return {
    name: manifest.name,
    kind: manifest.sluice?.kind ?? "none",
    folder,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    devDependencies: Object.keys(manifest.devDependencies ?? {}),
    references: (config.references ?? []).map(({ path }: { path: string }) =>
      relative(root, normalize(join(root, folder, path))),
    ),
    files: globSync(folder === "test" ? "**/*.ts" : "src/**/*.ts", {
      cwd: join(root, folder),
      exclude: ["**/node_modules/**"],
    }).map((file) => readSource(join(folder, file))),
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- manifests are ours, and a wrong one fails the test
function readJson(path: string): any {
  return JSON.parse(readFileSync(join(root, path), "utf8"));
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;"']*?from\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|(?:^|\n)import\s+["']([^"']+)["']/gu;

function readSource(path: string): SourceFacts {
  const text = readFileSync(join(root, path), "utf8");
  const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
  const isTest =
    /\.test\.ts$|\/testing\/|\/test-[a-z-]+\.ts$|\/fixtures\//u.test(path) ||
    path.startsWith("test/");
  return { path, isTest, imports, text };
}
