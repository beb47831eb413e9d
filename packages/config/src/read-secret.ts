import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

export interface FoundSecret {
  /** Null: not set, or not to be had. */
  readonly value: string | null;
  /** Which of the two variables gave it. */
  readonly variable: string;
  readonly problems: readonly string[];
}

/**
 * Reads a secret from a variable, or from the file that the variable with `_FILE` behind its name gives: the file form keeps it
 * out of the process list and of `docker inspect`.
 *
 * @param what what the file should hold, for messages
 */
export async function readSecret(
  read: (key: string) => string | null,
  { variable, what, cwd }: { variable: string; what: string; cwd: string },
): Promise<FoundSecret> {
  const fileVariable = `${variable}_FILE`;
  const [value, file] = [read(variable), read(fileVariable)];
  if (file === null) return { value, variable, problems: [] };
  const fail = (problem: string): FoundSecret => {
    return { value: null, variable: fileVariable, problems: [problem] };
  };
  if (value !== null) return fail(`${variable} and ${fileVariable}: both are set; keep one`);
  const path = resolve(cwd, file);
  try {
    const text = (await readFile(path, "utf8")).trim();
    if (text !== "") return { value: text, variable: fileVariable, problems: [] };
    return fail(`${fileVariable}: expected ${what} in ${path}, the file is empty; write it there`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail(
      `${fileVariable}: cannot read ${path} (${reason}); create it, or make it readable for this user`,
    );
  }
}
