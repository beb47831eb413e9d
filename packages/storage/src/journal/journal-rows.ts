import {
  chunkIdSchema,
  encodeObjectPath,
  objectVersionSchema,
  type ChunkId,
  type ObjectRef,
} from "@sluice/contracts";
import type { VersionedPath } from "@sluice/sources";
import type { SQLOutputValue } from "node:sqlite";
import { z } from "zod";
import { unpackVersion } from "./packed-version.ts";

/** A row as SQLite gives it; its columns are parsed here and nowhere else. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

export function readObject(row: Row): ObjectRef {
  return { ...readVersionedPath(row), sizeBytes: readNumber(row, "size_bytes") };
}

export function readVersionedPath(row: Row): VersionedPath {
  return {
    path: encodeObjectPath(bytesSchema.parse(row["path"])),
    version: objectVersionSchema.parse(unpackVersion(bytesSchema.parse(row["version"]))),
  };
}

export function readChunkId(row: Row): ChunkId {
  return chunkIdSchema.parse(row["chunk_id"]);
}

export function readId(row: Row | undefined): number {
  return readNumber(row, "id");
}

export function readCount(row: Row | undefined): number {
  return readNumber(row, "count");
}

/** A place in line; 0 when no row has one. */
export function readPlace(row: Row | undefined): number {
  return row?.["place"] === null ? 0 : readNumber(row, "place");
}

export function readNumber(row: Row | undefined, column: string): number {
  return numberSchema.parse(row?.[column]);
}

const bytesSchema = z.instanceof(Uint8Array);
const numberSchema = z.number().int();
