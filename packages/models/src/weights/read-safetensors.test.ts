import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSafetensors } from "./read-safetensors.ts";
import { toFloat32 } from "./to-float32.ts";
import { WeightsFileError } from "./weights-file-error.ts";

let path = "";
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-safetensors-"));
  path = join(folder, "weights.safetensors");
});
afterAll(async () => await rm(folder, { recursive: true }));

function encode(header: object, data: Buffer, length?: bigint): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([size, text, data]);
}

const entry = (dtype: string, shape: number[], ...offsets: number[]): object => ({
  dtype,
  shape,
  data_offsets: offsets,
});
const good = { w: entry("F32", [2], 0, 8), b: entry("F16", [2], 8, 12), __metadata__: { a: "b" } };
const data = Buffer.from("000080bf0000004000380040", "hex");

test("tensors come with name, type, shape and numbers", async () => {
  await writeFile(path, encode(good, data));
  await using file = await openSafetensors(path);
  const read = async (name: string) => {
    const tensor = file.tensors.get(name)!;
    return [...toFloat32(await tensor.readBytes(), tensor.dtype)!];
  };
  expect(await read("w")).toEqual([-1, 2]);
  expect(await read("b")).toEqual([0.5, 2]);
  expect(file.metadata).toEqual({ a: "b" });
});

test("half precision, bfloat16 and double become the same float32", () => {
  const f16 = Buffer.from(new Uint16Array([0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000]).buffer);
  expect([...toFloat32(f16, "F16")!]).toEqual([1, -2, 2 ** -24, 65504, -0]);
  const bf16 = Buffer.from(new Uint16Array([0x3f80, 0xc000]).buffer);
  expect([...toFloat32(bf16, "BF16")!]).toEqual([1, -2]);
  expect([...toFloat32(Buffer.from(new Float64Array([1.5, -3]).buffer), "F64")!]).toEqual([
    1.5, -3,
  ]);
});

describe("a file that lies is refused by name", () => {
  test.each<[string, Buffer, RegExp]>([
    [
      "a header length of 2^63",
      encode(good, data, 2n ** 63n),
      /header claims 9223372036854775808 bytes/u,
    ],
    ["a header longer than the file", encode(good, data, 5000n), /header claims 5000/u],
    [
      "a header that is no JSON",
      Buffer.concat([encode({}, data, 2n).subarray(0, 8), Buffer.from("!!!!")]),
      /not a JSON object/u,
    ],
    [
      "a tensor outside of the file",
      encode({ w: entry("F32", [4], 0, 16) }, data),
      /has bytes 0 to 16 of 12/u,
    ],
    [
      "a tensor shorter than its shape",
      encode({ w: entry("F32", [3], 0, 8) }, data),
      /needs 12 bytes/u,
    ],
    [
      "overlapping tensors",
      encode({ a: entry("F32", [2], 0, 8), b: entry("F32", [2], 4, 12) }, data),
      /a and b overlap/u,
    ],
    [
      "bytes between tensors",
      encode({ a: entry("F16", [2], 0, 4), b: entry("F32", [1], 8, 12) }, data),
      /4 bytes between a and b/u,
    ],
    [
      "bytes behind the last tensor",
      encode({ a: entry("F32", [2], 0, 8) }, data),
      /4 bytes behind a/u,
    ],
    ["an unknown dtype", encode({ w: entry("F4", [2], 0, 8) }, data), /described wrongly \(dtype/u],
    ["a negative shape", encode({ w: entry("F32", [-2], 0, 8) }, data), /shape/u],
    ["nine bytes", Buffer.alloc(9), /too few/u],
  ])("%s", async (_, bytes, reason) => {
    await writeFile(path, bytes);
    await expect(openSafetensors(path)).rejects.toThrow(WeightsFileError);
    await expect(openSafetensors(path)).rejects.toThrow(reason);
  });

  test("any change of any byte is read or refused, never anything else", async () => {
    const whole = encode(good, data);
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.array(change, { maxLength: 4 }),
        async (cut, changes) => {
          const bytes = Buffer.from(changes.length > 0 ? whole : whole.subarray(0, cut));
          for (const { at, to } of changes) bytes[at] = to;
          await writeFile(path, bytes);
          const read = async (): Promise<null> => {
            await using file = await openSafetensors(path);
            for (const tensor of file.tensors.values()) await tensor.readBytes();
            return null;
          };
          const problem = await read().catch((error: unknown) => error);
          expect(problem ?? new WeightsFileError(path, "read")).toBeInstanceOf(WeightsFileError);
        },
      ),
      { numRuns: 200 },
    );
  }, 30_000);
});
