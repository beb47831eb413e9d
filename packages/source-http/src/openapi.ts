import { answerSchema } from "@sluice/contracts";
import { z } from "zod";
import type { HttpServerOptions } from "./http-options.ts";
import { problemSchema } from "./problem.ts";
import { jsonBodySchema } from "./read-uploads.ts";
import { predictionsSchema } from "./routes/compatible.ts";
import { batchReportSchema, uploadReportSchema } from "./upload-report.ts";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ "application/json": { schema } });
const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: ref("Problem") } },
});

/** The API as an OpenAPI 3.1 document, its schemas made from those by which data is checked. */
export function describeApi({
  keys,
  refusalStatus,
}: Pick<HttpServerOptions, "keys" | "refusalStatus">) {
  return {
    openapi: "3.1.0",
    info: {
      title: "Sluice",
      version: "1",
      description: "Classifies images and decides whether they may be public.",
    },
    ...(keys.length > 0 && { security: [{ bearer: [] }] }),
    paths: {
      "/v1/classify": { post: classify() },
      "/v1/uploads/{id}": { get: status() },
      "/v1/scan": { post: { ...scan(refusalStatus), requestBody: uploads } },
      "/v1/scan/{root}": { get: { ...scan(refusalStatus), parameters: [root, pathHeader] } },
      "/predict": { post: predict("prediction, confidence, and the most likely classes") },
      "/classify": { post: predict("the most likely classes") },
      "/health": { get: ofUs("The process answers", { status: { const: "healthy" } }) },
      "/openapi.json": { get: ofUs("This document", { openapi: { type: "string" } }) },
    },
    components: {
      schemas: {
        Problem: toJsonSchema(problemSchema),
        Answer: toJsonSchema(answerSchema),
        UploadReport: toJsonSchema(uploadReportSchema),
        BatchReport: toJsonSchema(batchReportSchema),
        Predictions: toJsonSchema(predictionsSchema),
        JsonUpload: toJsonSchema(jsonBodySchema),
      },
      ...(keys.length > 0 && { securitySchemes: { bearer: { type: "http", scheme: "bearer" } } }),
    },
  };
}

function ofUs(summary: string, properties: Readonly<Record<string, object>>) {
  const schema = { type: "object", properties, required: Object.keys(properties) };
  return { summary, responses: { 200: { description: "It does", content: json(schema) } } };
}

function toJsonSchema(schema: z.ZodType): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { unrepresentable: "any", io: "output" });
  return rest;
}

const uploads = {
  required: true,
  content: {
    "multipart/form-data": {
      schema: { type: "object", additionalProperties: { type: "string", format: "binary" } },
    },
    "image/*": { schema: { type: "string", format: "binary" } },
    "application/octet-stream": { schema: { type: "string", format: "binary" } },
    ...json(ref("JsonUpload")),
  },
};

const errors = {
  400: problem("No upload, or a body that is not what it says"),
  401: problem("No key, or an unknown one"),
  403: problem("The key lacks the scope"),
  404: problem("No such object, for a reference, or no right to name one"),
  413: problem("Too large, or too many files"),
  415: problem("Not a type in which uploads come"),
  422: problem("Base64 that is none, or nothing that can be scanned"),
  429: problem("Too many requests with this key; see Retry-After"),
  503: problem("Busy; see Retry-After"),
};

const query = (name: string, description: string, schema: object) => ({
  name,
  in: "query",
  required: false,
  description,
  schema,
});
const wait = query("wait", "Milliseconds to wait for the answer", { type: "integer", minimum: 0 });
const top = query("top", "Labels that are told, at most", {
  type: "integer",
  minimum: 1,
  maximum: 10,
});

function classify() {
  const one = { oneOf: [ref("UploadReport"), ref("BatchReport")] };
  return {
    summary: "Send one picture or several",
    parameters: [wait, top],
    requestBody: uploads,
    responses: {
      200: { description: "Decided", content: json(one) },
      202: { description: "Accepted, and not decided yet", content: json(one) },
      ...errors,
    },
  };
}

function status() {
  const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
  return {
    summary: "What became of an upload",
    parameters: [id, wait, top],
    responses: {
      200: { description: "What is known", content: json(ref("UploadReport")) },
      400: problem("A question that cannot be understood"),
      404: problem("No such upload, or its answer is no longer kept"),
      401: errors[401],
      403: errors[403],
      429: errors[429],
    },
  };
}

const root = { name: "root", in: "path", required: true, schema: { type: "string" } };
const pathHeader = {
  name: "X-Sluice-Path",
  in: "header",
  required: true,
  description: "Path of an object below the root, as it stands in an address",
  schema: { type: "string" },
};

function scan(refusalStatus: number) {
  return {
    summary: "May it be public? For hooks that know yes and no",
    responses: {
      204: { description: "It may" },
      [refusalStatus]: problem("It may not, or was not scanned; X-Sluice-Decision says which"),
      ...errors,
    },
  };
}

function predict(what: string) {
  return {
    summary: `As small classification services have it: ${what}`,
    requestBody: uploads,
    responses: { 200: { description: "Classified", content: json(ref("Predictions")) }, ...errors },
  };
}
