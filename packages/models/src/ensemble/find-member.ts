import { basename } from "node:path";
import { EnsembleInvalidError } from "@sluice/inference";

/**
 * Index of the member whose model directory has a name.
 *
 * @param place the setting that names it, and what else it could have been
 * @throws EnsembleInvalidError when no member or more than one has it
 */
export function findMember(
  members: readonly { readonly model: string }[],
  name: string,
  { setting, orElse }: { setting: string; orElse: string },
): number {
  const names = members.map(({ model }) => basename(model));
  const index = names.indexOf(name);
  if (index !== -1 && names.lastIndexOf(name) === index) return index;
  const found = index === -1 ? "no member" : "more than one member";
  throw new EnsembleInvalidError(
    `${setting}: ${found} is called ${name}; expected the name of the model directory of one of ${names.join(", ")}${orElse}`,
  );
}
