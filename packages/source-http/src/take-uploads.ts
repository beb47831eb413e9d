import type { Answer } from "@sluice/contracts";
import type { AcceptedUpload } from "@sluice/sources";
import type { HttpServerOptions } from "./http-options.ts";
import { toProblem, type Problem } from "./problem.ts";
import type { IncomingUpload } from "./read-uploads.ts";
import { cutScores, statusUrlOf, type UploadReport } from "./upload-report.ts";

/** What became of one upload of a request. */
export type Taken =
  | {
      readonly kind: "accepted";
      readonly filename: string | null;
      readonly upload: AcceptedUpload;
      readonly receivedMs: number;
      /** When it had been accepted. */
      readonly acceptedAt: number;
    }
  | { readonly kind: "refused"; readonly filename: string | null; readonly problem: Problem };

/**
 * Takes in all uploads of a request, one after the other as they arrive. One that is refused costs only itself; and when the request
 * turns out to be broken, or to have too many, what was accepted before is told all the same, with the problem behind it.
 *
 * @throws bugs; and what is wrong with a request of which nothing was accepted
 */
export async function takeUploads(
  uploads: AsyncIterable<IncomingUpload>,
  desk: HttpServerOptions["desk"],
): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  try {
    for await (const upload of uploads) taken.push(await takeOne(upload, desk));
  } catch (error) {
    const problem = toProblem(error);
    if (problem === null || taken.every(({ kind }) => kind === "refused")) throw error;
    taken.push({ kind: "refused", filename: null, problem });
  }
  return taken;
}

async function takeOne(
  { filename, bytes }: IncomingUpload,
  desk: HttpServerOptions["desk"],
): Promise<Taken> {
  const startedAt = performance.now();
  try {
    const upload = await desk.accept(bytes);
    const acceptedAt = performance.now();
    return { kind: "accepted", filename, upload, receivedMs: acceptedAt - startedAt, acceptedAt };
  } catch (error) {
    const problem = toProblem(error);
    if (problem === null || problem.code === "BODY_BROKEN") throw error;
    return { kind: "refused", filename, problem };
  }
}

/** Waits for the answer until the signal, and tells what is known then. */
export async function awaitReport(
  { filename, upload, receivedMs, acceptedAt }: Extract<Taken, { kind: "accepted" }>,
  { desk, signal, top }: { desk: HttpServerOptions["desk"]; signal: AbortSignal; top: number },
): Promise<UploadReport> {
  const answer: Answer | null = await desk.wait(upload.id, signal);
  const answeredMs = answer === null ? null : round(performance.now() - acceptedAt);
  return {
    ...upload,
    filename,
    status: answer === null ? "pending" : "decided",
    statusUrl: statusUrlOf(upload.id),
    answer: answer === null ? null : cutScores(answer, top),
    timings: { receivedMs: round(receivedMs), answeredMs },
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
