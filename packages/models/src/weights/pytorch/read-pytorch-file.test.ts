import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeZip } from "../../testing/encode-zip.ts";
import { WeightsFileError } from "../weights-file-error.ts";
import { openPytorchFile } from "./read-pytorch-file.ts";

const fixture = (name: string): string => join(import.meta.dirname, "fixtures", name);
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-pth-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

async function readFloats(path: string, name: string): Promise<number[]> {
  await using file = await openPytorchFile(path);
  const bytes = await file.tensors.get(name)!.readBytes();
  return [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
}

describe.each(["state-dict.pth", "state-dict-old.pth"])("a state dict in %s", (name) => {
  test("names every tensor with its type and shape, in order", async () => {
    await using file = await openPytorchFile(fixture(name));
    const listed = [...file.tensors.values()].map(
      (t) => `${t.name} ${t.dtype} [${t.shape.join(",")}]`,
    );
    expect(listed).toEqual([
      "conv.weight F32 [2,3,1,1]",
      "conv.bias F32 [2]",
      "half F16 [4]",
      "bf16 BF16 [4]",
      "double F64 [3]",
      "bn.num_batches_tracked I64 []",
      "transposed F32 [3,2]",
      "view.a F32 [2]",
      "view.b F32 [4]",
      "empty F32 [0,3]",
      "scalar F32 []",
    ]);
  });

  test("gives the numbers of whole tensors, views and transposed tensors", async () => {
    const path = fixture(name);
    expect(await readFloats(path, "conv.weight")).toEqual([
      -1, -0.875, -0.75, -0.625, -0.5, -0.375,
    ]);
    expect(await readFloats(path, "transposed")).toEqual([-1, -0.625, -0.875, -0.5, -0.75, -0.375]);
    expect(await readFloats(path, "view.b")).toEqual([-0.75, -0.625, -0.5, -0.375]);
    expect(await readFloats(path, "empty")).toEqual([]);
    expect(await readFloats(path, "scalar")).toEqual([0.5]);
  });
});

test("a training checkpoint gives its state dict, without wrapper prefixes, and its figures", async () => {
  await using file = await openPytorchFile(fixture("checkpoint.pth"));
  expect([...file.tensors.keys()]).toEqual(["0.weight", "0.bias"]);
  expect(file.summary).toEqual({ epoch: 12, validationAccuracy: 93.25, classes: 5 });
});

test("a pickled model is refused by the name of the class that it would build", async () => {
  await expect(openPytorchFile(fixture("whole-model.pth"))).rejects.toThrow(
    /whole-model\.pth: .*"torch\.nn\.modules\.container\.Sequential".*allow-list/u,
  );
});

describe("a hostile file is refused, and nothing in it runs", () => {
  const pickle = (text: string): Buffer => Buffer.from(text, "latin1");
  const marker = (): string => join(folder, "was-executed");
  test.each([
    [
      "a global that runs a command",
      () => pickle(`\x80\x02cos\nsystem\nX\x05\0\0\0touch\x85R.`),
      /os\.system/u,
    ],
    [
      "eval through builtins",
      () => pickle(`\x80\x02cbuiltins\neval\nX\x01\0\0\0a\x85R.`),
      /builtins\.eval/u,
    ],
    [
      "getattr by stack global",
      () => pickle(`\x80\x04\x8c\x08builtins\x8c\x07getattr\x93.`),
      /builtins\.getattr/u,
    ],
    [
      "a string longer than the file",
      () => pickle(`\x80\x02X\xff\xff\xff\x7fabc.                `),
      /above|ends at/u,
    ],
    ["a memo that was never set", () => pickle(`\x80\x02h\x05.                     `), /memo 5/u],
    ["an unknown operation", () => pickle(`\x80\x02\xff.                     `), /0xff/u],
    ["an empty stack", () => pickle(`\x80\x02R.                       `), /stack is empty/u],
    ["nothing but zeros", () => Buffer.alloc(64), /operation 0x00/u],
  ])("%s", async (_, make, reason) => {
    const path = join(folder, "hostile.pth");
    await writeFile(path, make());
    await expect(openPytorchFile(path)).rejects.toThrow(WeightsFileError);
    await expect(openPytorchFile(path)).rejects.toThrow(reason);
    await expect(readFile(marker())).rejects.toThrow("ENOENT");
  });

  test("one number that claims to be a terabyte of them", async () => {
    await expect(openPytorchFile(fixture("expanded.pth"))).rejects.toThrow(
      /tensor bomb of shape \[500000, 500000\] reaches outside of its storage of 1 elements/u,
    );
  });

  test("a tensor without elements is read whatever its strides say", async () => {
    const bytes = await readFile(fixture("state-dict-old.pth"));
    bytes[1054] = 4; // stride of "empty"; found by changing bytes at random
    const path = join(folder, "strides.pth");
    await writeFile(path, bytes);
    expect(await readFloats(path, "empty")).toEqual([]);
  });

  const zeros = { name: "archive/data/0", content: Buffer.alloc(1 << 20) };
  const dataPkl = { name: "archive/data.pkl", content: pickle("\x80\x02}.") };
  test.each([
    [
      "a zip bomb: megabytes of zeros in a kilobyte",
      encodeZip([dataPkl, { ...zeros, isCompressed: true }]),
      /"archive\/data\/0" is compressed/u,
    ],
    [
      "a zip bomb of entries that share their bytes",
      encodeZip([dataPkl, zeros, { ...zeros, name: "archive/data/1", sharesBytesOf: 1 }]),
      /"archive\/data\/[01]" (?:reaches beyond|is broken)/u,
    ],
    [
      "an archive with the same file twice",
      encodeZip([dataPkl, zeros, zeros]),
      /holds "archive\/data\/0" twice/u,
    ],
    ["an archive without a pickle", encodeZip([zeros]), /data\.pkl/u],
  ])("%s", async (_, archive, reason) => {
    const path = join(folder, "archive.pth");
    await writeFile(path, archive);
    await expect(openPytorchFile(path)).rejects.toThrow(WeightsFileError);
    await expect(openPytorchFile(path)).rejects.toThrow(reason);
  });

  test.each(["state-dict.pth", "state-dict-old.pth", "checkpoint.pth"])(
    "%s cut off or with changed bytes is read right or refused by a WeightsFileError",
    async (name) => {
      const whole = await readFile(fixture(name));
      const path = join(folder, `mutated-${name}`);
      const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
      await fc.assert(
        fc.asyncProperty(
          fc.nat(whole.length),
          fc.array(change, { maxLength: 6 }),
          async (cut, changes) => {
            const bytes = Buffer.from(changes.length > 0 ? whole : whole.subarray(0, cut));
            for (const { at, to } of changes) bytes[at] = to;
            await writeFile(path, bytes);
            const read = async (): Promise<void> => {
              await using file = await openPytorchFile(path);
              for (const tensor of file.tensors.values()) await tensor.readBytes();
            };
            const problem = await read().then(
              () => null,
              (error: unknown) => error,
            );
            expect(problem ?? new WeightsFileError(path, "read")).toBeInstanceOf(WeightsFileError);
          },
        ),
        { numRuns: 300 },
      );
    },
    60_000,
  );
});
