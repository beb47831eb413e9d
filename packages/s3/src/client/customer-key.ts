import { readFile } from "node:fs/promises";
import { S3KeyFileError } from "./s3-errors.ts";

const KEY_BYTES = 32;

/** The key of SSE-C in base64. Throws S3KeyFileError; the message never shows what is in the file. */
export async function readCustomerKey(path: string): Promise<string> {
  const bytes = await readBytes(path);
  if (bytes.length === KEY_BYTES) return bytes.toString("base64");
  const decoded = Buffer.from(bytes.toString("latin1").trim(), "base64");
  if (decoded.length === KEY_BYTES) return decoded.toString("base64");
  throw new S3KeyFileError(path, `it holds ${bytes.length} bytes that are neither`);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new S3KeyFileError(path, `it cannot be read (${code})`, error);
  }
}
