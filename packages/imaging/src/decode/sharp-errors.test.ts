import { execFileSync } from "node:child_process";
import sharp from "sharp";
import { expect, test } from "vitest";
import { isMemoryProblem, isTimeout } from "./sharp-errors.ts";

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return await work.then(
    () => null,
    (error: unknown) => error,
  );
}

test("the pinned decoder's time limit is recognised, and no other error is", async () => {
  const slow = sharp({
    create: {
      width: 3000,
      height: 3000,
      channels: 3,
      background: "red",
      noise: { type: "gaussian", mean: 128, sigma: 60 },
    },
  })
    .median(41)
    .timeout({ seconds: 1 })
    .raw()
    .toBuffer();
  const timeout = await errorOf(slow);
  expect(isTimeout(timeout)).toBe(true);
  expect(isMemoryProblem(timeout)).toBe(false);
  const corrupt = await errorOf(sharp(Buffer.from("no picture")).raw().toBuffer());
  expect(corrupt).toBeInstanceOf(Error);
  expect(isTimeout(corrupt)).toBe(false);
  expect(isMemoryProblem(corrupt)).toBe(false);
}, 60_000);

test("the pinned decoder's lack of memory is recognised and named", () => {
  // In a process of its own whose data may grow by 20 MB only; an interlaced giant needs 90.
  const script = `
    import { execFileSync } from "node:child_process";
    import { readFileSync } from "node:fs";
    import sharp from "sharp";
    const { createImageDecoder } = await import(${JSON.stringify(new URL("image-decoder.ts", import.meta.url).href)});
    const create = { width: 6000, height: 5000, channels: 3, background: "red" };
    const giant = await sharp({ create }).png({ progressive: true }).toBuffer();
    const spec = { fit: "stretch", resize: 8, height: 8, width: 8, interpolation: "bilinear" };
    const limits = { maxImagePixels: 2e8, maxProgressivePixels: 2e8, maxFrames: 1, maxPixelsInFlight: 4e8, decodeTimeoutMs: 60000 };
    const dataKb = Number(/VmData:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
    execFileSync("prlimit", ["--pid", String(process.pid), "--data=" + (dataKb * 1024 + 20e6)]);
    const { kind, reason } = await createImageDecoder({ ...limits, specs: [spec] }).decode(giant);
    console.log(kind, reason);`;
  const output = execFileSync(
    process.execPath,
    ["--conditions=@sluice/source", "--input-type=module", "-e", script],
    { cwd: import.meta.dirname, encoding: "utf8" },
  );
  expect(output.trim()).toBe("unscannable out-of-memory");
}, 60_000);
