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
  const path = named === null ? join(cwd, "sluice.yaml") : resolve(cwd, named);
  const fail = (problem: string): ConfigFileContent => ({
    path,
    raw: undefined,
    problems: [problem],
  });
  const setting = named === null ? path : `SLUICE_CONFIG (${path})`;
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) {
      return fail(
        `${setting}: expected at most ${MAX_FILE_BYTES} bytes, received ${size}; is this the right file?`,
      );
    }
    return parse(path, await readFile(path, "utf8"));
  } catch (error) {
    if (named === null && isMissing(error)) return { path: null, raw: undefined, problems: [] };
    const reason = error instanceof Error ? error.message : String(error);
    return fail(
      `${setting}: cannot read the file (${reason}); create it, make it readable for this user, or name another one by SLUICE_CONFIG`,
    );
  }
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
