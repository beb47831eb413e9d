import { isSystemFailure } from "../disk-failure.ts";
import type { FileHandle } from "node:fs/promises";
import type { StallWatch } from "../http/stall-watch.ts";
import {
  DownloadTooLargeError,
  HubResponseError,
  HubUnavailableError,
  ModelHubError,
} from "../model-hub-error.ts";
import { limitsOf, type PullOptions } from "../pull-options.ts";
import type { PartialFile } from "./partial-file.ts";
import type { Offer } from "./plan-range.ts";
import type { RemoteFile } from "./remote-file.ts";

export interface Transfer {
  readonly file: RemoteFile;
  readonly offer: Offer;
  readonly target: FileHandle;
  readonly partial: PartialFile;
  readonly watch: StallWatch;
  readonly options: PullOptions;
}

/**
 * Writes a body behind the offset that was offered and makes it durable. A body that ends too early leaves what has
 * come; one that goes on beyond a limit leaves nothing.
 *
 * @throws DownloadTooLargeError, HubResponseError, HubUnavailableError, and the signal's reason
 */
export async function writeBody(response: Response, transfer: Transfer): Promise<void> {
  const { file, offer, target, watch, options } = transfer;
  const totalBytes = offer.totalBytes ?? file.sizeBytes;
  const report = (receivedBytes: number): void =>
    options.onProgress?.({ file: file.name, receivedBytes, totalBytes });
  let receivedBytes = offer.offset;
  report(receivedBytes);
  try {
    for await (const chunk of response.body ?? []) {
      watch.touch();
      await refuseBeyond(receivedBytes + chunk.byteLength, totalBytes, transfer);
      await writeAll(target, chunk, receivedBytes);
      watch.touch(); // A slow disk is no silent server.
      receivedBytes += chunk.byteLength;
      report(receivedBytes);
    }
  } catch (error) {
    if (watch.signal.aborted) throw watch.signal.reason;
    if (error instanceof ModelHubError || isSystemFailure(error)) throw error;
    throw brokeOff(transfer, receivedBytes, error);
  }
  if (totalBytes !== null && receivedBytes < totalBytes) throw brokeOff(transfer, receivedBytes);
  await target.sync();
}

async function refuseBeyond(
  bytes: number,
  totalBytes: number | null,
  { file, partial, options }: Transfer,
): Promise<void> {
  const { maxBytes } = limitsOf(options);
  const isTooLarge = bytes > maxBytes;
  if (!isTooLarge && (totalBytes === null || bytes <= totalBytes)) return;
  await partial.remove();
  throw isTooLarge
    ? new DownloadTooLargeError(
        `${file.name}: more than ${maxBytes} bytes come, which is the limit; raise it with --max-bytes if that is right`,
      )
    : new HubResponseError(`${file.name}: more bytes come than the ${totalBytes} announced`);
}

/** One write may take less than it was given. */
async function writeAll(target: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < chunk.byteLength) {
    const rest = chunk.byteLength - written;
    written += (await target.write(chunk, written, rest, position + written)).bytesWritten;
  }
}

function brokeOff(transfer: Transfer, receivedBytes: number, cause?: unknown): ModelHubError {
  const { file, offer } = transfer;
  const total = offer.totalBytes ?? file.sizeBytes ?? "an unknown number of";
  return new HubUnavailableError(
    `${file.name}: ${file.url.host} broke off after ${receivedBytes} of ${total} bytes; run the same command again, it goes on from there`,
    { cause },
  );
}
