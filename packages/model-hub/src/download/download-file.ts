import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { explainStatus } from "../http/refuse-status.ts";
import { openResponse } from "../http/open-response.ts";
import { StallWatch } from "../http/stall-watch.ts";
import {
  DownloadCorruptError,
  DownloadTooLargeError,
  HubResponseError,
  HubUnavailableError,
} from "../model-hub-error.ts";
import { limitsOf, type PullOptions } from "../pull-options.ts";
import { lockPlace } from "./download-lock.ts";
import { findMismatch, nameOf } from "./expected-content.ts";
import { PartialFile } from "./partial-file.ts";
import { askFor, readOffer, type Offer } from "./plan-range.ts";
import type { RemoteFile } from "./remote-file.ts";
import { writeBody } from "./write-body.ts";

/**
 * Fetches a file to its place in the cache. What an earlier attempt left is not asked for again, as far as the server
 * says that it is still the same version. The file stands in its place only when size and hash are right.
 *
 * @throws DownloadTooLargeError, DownloadCorruptError, HubUnavailableError when the connection breaks off for good (the
 *   bytes are kept), other ModelHubErrors, and the signal's reason
 */
export async function downloadFile(file: RemoteFile, options: PullOptions): Promise<void> {
  if (file.sizeBytes !== null) refuseTooLarge(file, file.sizeBytes, options);
  await mkdir(dirname(file.cachePath), { recursive: true });
  await using _lock = await lockPlace(file.cachePath);
  const partial = new PartialFile(file.cachePath);
  await fetchToEnd(file, partial, options);
  await requireExpected(file, partial, options.signal);
  await partial.moveIntoPlace();
}

/** A connection that breaks off or stalls after it brought something is opened again, for the rest. */
async function fetchToEnd(
  file: RemoteFile,
  partial: PartialFile,
  options: PullOptions,
): Promise<void> {
  let resumes = limitsOf(options).maxResumes;
  let fetched = await countBytes(partial);
  for (;;) {
    try {
      await fetchRest(file, partial, options);
      return;
    } catch (error) {
      const before = fetched;
      fetched = await countBytes(partial);
      const isWorthIt = error instanceof HubUnavailableError && fetched > before && resumes > 0;
      if (!isWorthIt) throw error;
      resumes -= 1;
    }
  }
}

async function countBytes(partial: PartialFile): Promise<number> {
  return (await partial.read())?.bytes ?? 0;
}

async function fetchRest(
  file: RemoteFile,
  partial: PartialFile,
  options: PullOptions,
): Promise<void> {
  const part = await usablePart(file, partial);
  if (part !== null && part.bytes === file.sizeBytes) return; // Only the check was missing.
  const { stallTimeoutMs } = limitsOf(options);
  using watch = new StallWatch(file.url.host, stallTimeoutMs, options.signal);
  const asked = await open(file, part, watch.signal);
  const isOutOfRange = part !== null && asked.status === 416;
  if (isOutOfRange) await asked.body?.cancel();
  const response = isOutOfRange ? await open(file, null, watch.signal) : asked;
  try {
    const offer = acceptOffer(file, response, { part, options });
    await using target = await partial.openAt(offer.offset, offer.validator);
    await writeBody(response, { file, offer, target, partial, watch, options });
  } catch (error) {
    // A body that nobody reads would hold its connection; one that was read to its end takes no harm.
    await response.body?.cancel().catch(() => undefined);
    throw error;
  }
}

type Part = { readonly bytes: number; readonly validator: string | null };

/** Bytes of an unknown version are only worth keeping when a hash will tell whether they fit. */
async function usablePart(file: RemoteFile, partial: PartialFile): Promise<Part | null> {
  const part = await partial.read();
  if (part === null) return null;
  const isTooLong = file.sizeBytes !== null && part.bytes > file.sizeBytes;
  const canTell = part.validator !== null || file.expected !== null;
  return isTooLong || !canTell ? null : part;
}

async function open(file: RemoteFile, part: Part | null, signal: AbortSignal): Promise<Response> {
  return await openResponse({ url: file.url, headers: askFor(part), signal }, file.access);
}

function acceptOffer(
  file: RemoteFile,
  response: Response,
  { part, options }: { part: Part | null; options: PullOptions },
): Offer {
  const { name, url, sizeBytes, access } = file;
  if (response.status !== 200 && response.status !== 206) {
    const hasToken = access.credentials?.origin === url.origin;
    throw explainStatus(response, { what: name, host: url.host, hasToken });
  }
  const offer = readOffer(response, part?.bytes ?? 0, name);
  if (offer.totalBytes !== null) refuseTooLarge(file, offer.totalBytes, options);
  if (sizeBytes !== null && offer.totalBytes !== null && sizeBytes !== offer.totalBytes) {
    throw new HubResponseError(
      `${name}: ${url.host} sends ${offer.totalBytes} bytes, and had announced ${sizeBytes}`,
    );
  }
  return offer;
}

function refuseTooLarge(file: RemoteFile, bytes: number, options: PullOptions): void {
  const { maxBytes } = limitsOf(options);
  if (bytes <= maxBytes) return;
  throw new DownloadTooLargeError(
    `${file.name} has ${bytes} bytes, the limit is ${maxBytes}; raise it with --max-bytes if that is right`,
  );
}

async function requireExpected(
  file: RemoteFile,
  partial: PartialFile,
  signal: AbortSignal,
): Promise<void> {
  if (file.expected === null) return;
  const actual = await findMismatch(partial.path, file.expected, signal);
  if (actual === null) return;
  await partial.remove();
  const begins = file.expected.kind === "sha256-prefix" ? " begins with" : "";
  throw new DownloadCorruptError(
    `${file.name}: its ${nameOf(file.expected)} is ${actual}, published${begins || " is"} ${file.expected.hex}; the bytes were removed, fetch it again`,
  );
}
