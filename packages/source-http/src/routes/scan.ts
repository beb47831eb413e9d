import { encodeObjectPath, rootNameSchema, type Answer, type ObjectPath } from "@sluice/contracts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { requireScope } from "../authenticate.ts";
import type { HttpServerOptions } from "../http-options.ts";
import { DECISION_CODE, Problem } from "../problem.ts";
import { keyOf } from "../request-context.ts";
import { answerTo, takeOnlyUpload } from "../single-upload.ts";

/** The yes-or-no hooks: about an upload that is sent along, and about an object of a configured root, by its name. */
export function addScanRoutes(app: FastifyInstance, options: HttpServerOptions): void {
  app.post("/v1/scan", async (request, reply) => {
    requireScope(keyOf(request), "scan");
    const upload = await takeOnlyUpload(request, options);
    return await tell(await answerTo(upload, reply, options), reply, options);
  });
  app.get("/v1/scan/:root", async (request, reply) => {
    const key = keyOf(request);
    requireScope(key, "scan");
    requireScope(key, "reference");
    const { root } = paramsSchema.parse(request.params);
    const named = rootNameSchema.safeParse(root);
    const path = readPath(request);
    const bytes = named.success ? await options.references.open(named.data, path) : null;
    if (bytes === null) throw new Problem(404, "OBJECT_UNKNOWN", "no such object");
    const upload = await options.desk.accept(bytes);
    return await tell(await answerTo(upload, reply, options), reply, options);
  });
}

const paramsSchema = z.object({ root: z.string() });

async function tell(
  { decision, rule }: Answer,
  reply: FastifyReply,
  { refusalStatus }: HttpServerOptions,
): Promise<FastifyReply> {
  reply.header("x-sluice-decision", decision);
  if (decision === "allow") return await reply.code(204).send();
  const label = rule.label === undefined ? rule.kind : `${rule.kind} ${rule.label}`;
  throw new Problem(refusalStatus, DECISION_CODE, `${decision}: ${label}`);
}

/** What may stand in the path of an address as it is (RFC 3986); all else has to come as %XX. */
const PLAIN_PATH = /^(?:[\w\-.~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})+$/u;

/**
 * The path in the header, as a browser would write it in an address: each %XX is a byte. A server that asks about a file serves what its own
 * reading of the same address gives, so whatever the two might read differently is refused: characters that have to be
 * escaped (`#` ends a path for some), and empty, `.` and `..` segments.
 *
 * @throws Problem 400
 */
function readPath({ headers }: FastifyRequest): ObjectPath {
  const raw = headers["x-sluice-path"];
  if (typeof raw === "string" && PLAIN_PATH.test(raw)) {
    try {
      const bytes = raw.replace(/%([0-9A-Fa-f]{2})/gu, (_, hex: string) =>
        String.fromCodePoint(Number.parseInt(hex, 16)),
      );
      return encodeObjectPath(Buffer.from(bytes, "latin1"));
    } catch {
      // It leaves its root, or is no path; told below.
    }
  }
  throw new Problem(
    400,
    "PATH_INVALID",
    "expected the header X-Sluice-Path with a path below the root, as it stands in an address",
  );
}
