import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseDocument } from "yaml";

/** Largest configuration file in bytes; a real one has a few kilobytes. */
const MAX_FILE_BYTES = 1 << 20;
/** Aliases that one document may resolve; stops documents that unfold without end. */
const MAX_ALIASES = 100;

/** What lies in the file, not yet checked. */
export interface ConfigFileContent {
  /** Absolute path; null when there is none and the built-in default holds. */
  readonly path: string | null;
  readonly raw: unknown;
  /** Why it could not be read or is no YAML; `raw` is undefined then. */
  readonly problems: readonly string[];
}

/** Reads the file that is named, else `sluice.yaml` in the working directory if there is one. */
export async function readConfigFile(
  named: string | null,
  cwd: string,
): Promise<ConfigFileContent> {
  if (named === null) {
    const path = join(cwd, "sluice.yaml");
    return (await readYamlFile(path, path)) ?? { path: null, raw: undefined, problems: [] };
  }
  const path = resolve(cwd, named);
  const setting = `SLUICE_CONFIG (${path})`;
  const remedy = "create it, or name another one by SLUICE_CONFIG";
  return (await readYamlFile(path, setting)) ?? absent(path, `${setting}: no such file; ${remedy}`);
}

/** @returns null when there is no such file */
export async function readYamlFile(
  path: string,
  setting: string,
): Promise<ConfigFileContent | null> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) {
      return absent(
        path,
        `${setting}: expected at most ${MAX_FILE_BYTES} bytes, received ${size}; is this the right file?`,
      );
    }
    return parse(path, await readFile(path, "utf8"));
  } catch (error) {
    if (isMissing(error)) return null;
    const reason = error instanceof Error ? error.message : String(error);
    return absent(
      path,
      `${setting}: cannot read the file (${reason}); make it readable for this user, or name another one`,
    );
  }
}

export function absent(path: string, problem: string): ConfigFileContent {
  return { path, raw: undefined, problems: [problem] };
}

function parse(path: string, text: string): ConfigFileContent {
  const document = parseDocument(text, { strict: true, uniqueKeys: true });
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message }) => {
      const [what = ""] = message.split("\n");
      return `not valid YAML: ${what.replace(/:$/u, "")}; correct it there`;
    });
    return { path, raw: undefined, problems };
  }
  try {
    return { path, raw: document.toJS({ maxAliasCount: MAX_ALIASES }), problems: [] };
  } catch (error) {
    // The library throws a bare ReferenceError for documents that unfold without end.
    const reason = error instanceof Error ? error.message : String(error);
    return {
      path,
      raw: undefined,
      problems: [`not usable YAML: ${reason}; write it without aliases`],
    };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
