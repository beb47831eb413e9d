import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { uploadIdSchema } from "@sluice/contracts";
import { z } from "zod";
import { requireScope } from "../authenticate.ts";
import type { HttpServerOptions } from "../http-options.ts";
import { Problem } from "../problem.ts";
import { readUploads } from "../read-uploads.ts";
import { keyOf, waitSignal } from "../request-context.ts";
import { awaitReport, takeUploads, type Taken } from "../take-uploads.ts";
import { cutScores, statusUrlOf, type BatchReport, type UploadReport } from "../upload-report.ts";

/** `?wait=<ms>&top=<n>` */
export const querySchema = z.object({
  wait: z.coerce.number().int().nonnegative().default(0),
  top: z.coerce.number().int().min(1).max(10).default(5),
});

/** `POST /v1/classify`: one upload or several; `GET /v1/uploads/:id`: what became of one. */
export function addClassifyRoutes(app: FastifyInstance, options: HttpServerOptions): void {
  const { desk, limits, events } = options;
  app.post("/v1/classify", async (request, reply) => {
    const key = keyOf(request);
    requireScope(key, "classify");
    const references = key?.scopes.includes("reference") === true ? options.references : null;
    const { wait, top } = readQuery(request);
    const taken = await takeUploads(readUploads(request, { limits, references }), desk);
    const signal = waitSignal(reply, Math.min(wait, limits.maxWaitMs));
    const isBatch = request.isMultipart() ? taken.length > 1 : hasSeveral(request.body);
    if (isBatch) {
      for (const one of taken) {
        if (one.kind === "refused") events.refused({ reason: one.problem.code });
      }
      return await replyWithBatch(reply, taken, { desk, signal, top });
    }
    return await replyWithOne(reply, taken, { desk, signal, top });
  });

  app.get("/v1/uploads/:id", async (request, reply) => {
    requireScope(keyOf(request), "classify");
    const { wait, top } = readQuery(request);
    const { id } = z.object({ id: z.string() }).parse(request.params);
    const known = uploadIdSchema.safeParse(id);
    const state = known.success ? desk.state(known.data) : { kind: "unknown" as const };
    if (!known.success || state.kind === "unknown") {
      throw new Problem(404, "UPLOAD_UNKNOWN", "no such upload, or its answer is no longer kept");
    }
    const signal = waitSignal(reply, Math.min(wait, limits.maxWaitMs));
    const answer = await desk.wait(known.data, signal);
    const report: UploadReport = {
      id: known.data,
      status: answer === null ? "pending" : "decided",
      statusUrl: statusUrlOf(known.data),
      answer: answer === null ? null : cutScores(answer, top),
    };
    return await reply.code(200).send(report);
  });
}

interface Waiting {
  readonly desk: HttpServerOptions["desk"];
  readonly signal: AbortSignal;
  readonly top: number;
}

async function replyWithOne(
  reply: FastifyReply,
  [only]: readonly Taken[],
  waiting: Waiting,
): Promise<FastifyReply> {
  if (only === undefined) throw new Problem(400, "UPLOAD_MISSING", "expected an upload");
  if (only.kind === "refused") throw only.problem;
  const report = await awaitReport(only, waiting);
  reply.header("location", report.statusUrl);
  return await reply.code(report.answer === null ? 202 : 200).send(report);
}

async function replyWithBatch(
  reply: FastifyReply,
  taken: readonly Taken[],
  waiting: Waiting,
): Promise<FastifyReply> {
  const results = await Promise.all(
    taken.map(async (one) =>
      one.kind === "accepted"
        ? await awaitReport(one, waiting)
        : { filename: one.filename, problem: one.problem.toBody() },
    ),
  );
  const isPending = results.some((result) => "status" in result && result.status === "pending");
  const report: BatchReport = { results };
  return await reply.code(isPending ? 202 : 200).send(report);
}

function hasSeveral(body: unknown): boolean {
  return typeof body === "object" && body !== null && "images" in body;
}

/** @throws Problem */
function readQuery(request: FastifyRequest): z.infer<typeof querySchema> {
  const parsed = querySchema.safeParse(request.query);
  if (parsed.success) return parsed.data;
  throw new Problem(
    400,
    "QUERY_INVALID",
    "expected wait in milliseconds, a whole number from 0, and top from 1 to 10",
  );
}
