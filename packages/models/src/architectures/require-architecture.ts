import { ModelError } from "../model-error.ts";
import type { Architecture } from "./architecture.ts";
import { architectures, findArchitecture } from "./registry.ts";

/** @throws ModelError that lists the known names */
export function requireArchitecture(name: string): Architecture {
  const found = findArchitecture(name);
  if (found !== null) return found;
  const known = architectures.map((architecture) => architecture.name).join(", ");
  throw new ModelError(name, `there is no architecture of this name; known are ${known}`);
}
