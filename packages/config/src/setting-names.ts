import type { z } from "zod";
import { configFileSchema } from "./config-file.ts";

/** Every setting's name, for hints; collected from the schema so that it cannot grow stale. */
export const SETTING_NAMES: readonly string[] = [...collectNames(configFileSchema)];

function collectNames(schema: z.core.$ZodType): Set<string> {
  const names = new Set<string>();
  const visit = (node: unknown, depth: number): void => {
    if (depth > 12 || typeof node !== "object" || node === null) return;
    const def: unknown = Reflect.get(node, "def") ?? Reflect.get(node, "_def");
    if (typeof def !== "object" || def === null) return;
    const shape: unknown = Reflect.get(def, "shape");
    if (typeof shape === "object" && shape !== null) {
      for (const [key, child] of Object.entries(shape)) {
        names.add(key);
        visit(child, depth + 1);
      }
    }
    for (const key of ["innerType", "element", "valueType", "in"]) {
      visit(Reflect.get(def, key), depth + 1);
    }
    const options: unknown = Reflect.get(def, "options");
    if (Array.isArray(options)) for (const option of options) visit(option, depth + 1);
  };
  visit(schema, 0);
  return names;
}
