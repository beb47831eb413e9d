import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { CHUNK_BYTES } from "../tail/log-reader.ts";
import { forEachLine, LineCutter } from "../tail/line-cutter.ts";

/** Lines of a log in batches, from its beginning to its end; one that ends in .gz is decompressed. Rejects with the system's errors. */
export async function* readLog(path: string): AsyncGenerator<readonly string[], void> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stream = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // An error of the file does not reach what it is piped into.
  file.on("error", (error) => stream.destroy(error));
  const cutter = new LineCutter(0, MAX_KEPT_BYTES);
  for await (const bytes of stream) {
    const lines = Buffer.isBuffer(bytes) ? cutter.push(bytes) : null;
    const batch: string[] = Array.from({ length: cutter.takeTooLong() }, () => TOO_LONG);
    if (lines !== null) forEachLine(lines, (line) => batch.push(line));
    if (batch.length > 0) yield batch;
  }
  const rest = cutter.finish();
  if (rest !== null) yield [rest.text.slice(0, -1)];
}

/** Longer than any limit on lines may be. */
const MAX_KEPT_BYTES = 1 << 20;
/** Stands for a line that was not kept. */
const TOO_LONG = "?".repeat(MAX_KEPT_BYTES + 1);
