import { Readable } from "node:stream";
import { objectPathSchema, rootNameSchema } from "@sluice/contracts";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import type { HttpLimits, References } from "./http-options.ts";
import { Problem, toProblem } from "./problem.ts";

/** One upload of a request; must be read, or given up, before the next one comes. */
export interface IncomingUpload {
  /** As the client calls it; only ever given back to it. */
  readonly filename: string | null;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const base64Image = z.string().min(1);
/** `{image}`, `{images}`, or `{root, path}` for an object of a configured root. */
export const jsonBodySchema = z.union([
  z.strictObject({ image: base64Image }),
  z.strictObject({ images: z.array(base64Image).min(1) }),
  z.strictObject({ root: rootNameSchema, path: objectPathSchema }),
]);

/**
 * The uploads of a request, in whatever form they come: parts of a form, the body itself, base64 in JSON, or a reference.
 *
 * @throws Problem when there is none, or too many
 */
export async function* readUploads(
  request: FastifyRequest,
  { limits, references }: { readonly limits: HttpLimits; readonly references: References | null },
): AsyncGenerator<IncomingUpload, void> {
  if (request.isMultipart()) {
    yield* readForm(request, limits);
  } else if (request.body instanceof Readable) {
    yield { filename: null, bytes: leaveOpen(request.body) };
  } else {
    yield* readJson(request.body, limits, references);
  }
}

async function* readForm(
  request: FastifyRequest,
  { maxBytes, maxFiles }: HttpLimits,
): AsyncGenerator<IncomingUpload, void> {
  // One byte more than may be taken in, so that the limit is noticed where the bytes are counted.
  const limits = { fileSize: maxBytes + 1, files: maxFiles, fields: 20, parts: maxFiles + 20 };
  let count = 0;
  const parts = request.files({ limits: { ...limits, fieldSize: 1024 } });
  for (;;) {
    const next = await parts.next().catch(throwAsProblem);
    if (next.done === true) break;
    const part = next.value;
    count += 1;
    yield { filename: part.filename.slice(0, 255), bytes: leaveOpen(part.file) };
    part.file.resume(); // what was not wanted has to go, or the next part never comes
  }
  if (count === 0)
    throw new Problem(400, "UPLOAD_MISSING", "expected at least one file in the form");
}

async function* readJson(
  body: unknown,
  { maxFiles }: HttpLimits,
  references: References | null,
): AsyncGenerator<IncomingUpload, void> {
  const parsed = jsonBodySchema.safeParse(body);
  if (!parsed.success) {
    throw new Problem(
      400,
      "UPLOAD_MISSING",
      'expected {"image": "<base64>"}, {"images": […]}, or {"root": "…", "path": "…"}',
    );
  }
  if ("root" in parsed.data) {
    yield* openReference(parsed.data, references);
    return;
  }
  const images = "image" in parsed.data ? [parsed.data.image] : parsed.data.images;
  if (images.length > maxFiles) {
    throw new Problem(413, "TOO_MANY_PARTS", `at most ${maxFiles} images in one request`);
  }
  for (const image of images) yield { filename: null, bytes: once(decodeBase64(image)) };
}

async function* openReference(
  { root, path }: Extract<z.infer<typeof jsonBodySchema>, { root: unknown }>,
  references: References | null,
): AsyncGenerator<IncomingUpload, void> {
  const bytes = (await references?.open(root, path)) ?? null;
  if (bytes === null) throw new Problem(404, "OBJECT_UNKNOWN", `no such object: ${root}:${path}`);
  yield { filename: path, bytes };
}

const DATA_URL = /^data:[\w.+-]*\/[\w.+-]*;base64,/u;

/** Also what a browser's FileReader gives. @throws Problem */
function decodeBase64(text: string): Buffer {
  const plain = text.replace(DATA_URL, "").replace(/[\r\n]/gu, "");
  if (/^[A-Za-z0-9+/_-]*={0,2}$/u.test(plain)) return Buffer.from(plain, "base64");
  throw new Problem(422, "BASE64_INVALID", "expected the image's bytes in base64");
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array, void> {
  yield await Promise.resolve(bytes);
}

/**
 * Who stops reading in the middle must not end the connection: there is still an answer to give. What goes wrong while a body is
 * read is the body's fault, or that of who sends it.
 */
async function* leaveOpen(stream: Readable): AsyncGenerator<Uint8Array, void> {
  try {
    yield* stream.iterator({ destroyOnReturn: false });
  } catch (error) {
    throwAsProblem(error);
  }
}

/** The parser of forms throws plain errors for forms that are none. */
function throwAsProblem(error: unknown): never {
  throw toProblem(error) ?? new Problem(400, "BODY_BROKEN", BROKEN, { cause: error });
}

const BROKEN = "the body broke off, or is not what its headers say";
