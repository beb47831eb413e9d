import { readFile } from "node:fs/promises";
import { ConfigError } from "@sluice/config";

/** Where a certificate and its key lie; both or neither. */
export interface TlsFiles {
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/**
 * Certificate and key as PEM text; null: none are configured.
 *
 * @param setting the settings to look at, for messages
 * @throws ConfigError
 */
export async function readTls(
  setting: string,
  { certFile, keyFile }: TlsFiles,
): Promise<{ cert: string; key: string } | null> {
  if (certFile === undefined || keyFile === undefined) return null;
  return { cert: await readPem(setting, certFile), key: await readPem(setting, keyFile) };
}

async function readPem(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(setting, [
      `${file} cannot be read (${reason}): expected a PEM file that this user may read`,
    ]);
  }
}
