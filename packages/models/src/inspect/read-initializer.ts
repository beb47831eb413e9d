import { readFields, readPackedVarints, type Field } from "../onnx/wire.ts";

/** What a constant of a graph is; its numbers are not read. */
export interface InitializerFacts {
  readonly name: string;
  /** TensorProto.DataType. */
  readonly type: number;
  readonly elements: number;
  /** Where its numbers are, when not in the model's own file. */
  readonly external: ExternalPlace | null;
}

export interface ExternalPlace {
  /** As the file says it, meant relative to the model's folder. */
  readonly location: string;
  readonly offset: number;
  /** Null: to the end of the file. */
  readonly length: number | null;
}

/** Field numbers of TensorProto in onnx.proto3. */
const TENSOR = { dims: 1, type: 2, name: 8, external: 13, dataLocation: 14 } as const;
const EXTERNAL = 1n;

/** Reads a TensorProto. @throws WireError when the bytes are not one */
export function readInitializer(bytes: Buffer): InitializerFacts {
  const fields = readFields(bytes);
  const last = (number: number): Field | undefined =>
    fields.findLast((field) => field.number === number);
  const dims = fields.filter(({ number }) => number === TENSOR.dims).flatMap(readDims);
  const isExternal = last(TENSOR.dataLocation)?.varint === EXTERNAL;
  const pairs = new Map(
    fields.filter(({ number }) => number === TENSOR.external).map((field) => readPair(field)),
  );
  return {
    name: last(TENSOR.name)?.bytes.toString("utf8") ?? "",
    type: Number(last(TENSOR.type)?.varint ?? 0n),
    elements: dims.reduce((product, size) => product * size, 1),
    external: isExternal ? placeOf(pairs) : null,
  };
}

/** Dimensions are written one by one, or packed, depending on the exporter's protobuf. */
function readDims({ wireType, varint, bytes }: Field): number[] {
  const sizes = wireType === 0 ? [varint] : readPackedVarints(bytes);
  return sizes.map((size) => Number(BigInt.asIntN(64, size)));
}

/** StringStringEntryProto: key 1, value 2. */
function readPair({ bytes }: Field): [key: string, value: string] {
  const fields = readFields(bytes);
  const text = (number: number): string =>
    fields.find((field) => field.number === number)?.bytes.toString("utf8") ?? "";
  return [text(1), text(2)];
}

function placeOf(pairs: ReadonlyMap<string, string>): ExternalPlace {
  const length = pairs.get("length");
  return {
    location: pairs.get("location") ?? "",
    offset: Number(pairs.get("offset") ?? 0),
    length: length === undefined ? null : Number(length),
  };
}
