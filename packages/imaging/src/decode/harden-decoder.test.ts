import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

test("a hardened process reads the six formats and nothing else", () => {
  // In a process of its own: what is blocked stays blocked.
  const script = `
    const { hardenDecoder } = await import(${JSON.stringify(new URL("harden-decoder.ts", import.meta.url).href)});
    const sharp = (await import("sharp")).default;
    const picture = sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } });
    const formats = ["jpeg", "png", "gif", "webp", "tiff", "avif"];
    const files = await Promise.all(formats.map((format) => picture.clone().toFormat(format).toBuffer()));
    files.push(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'));
    files.push(await picture.clone().toFormat("raw").toBuffer().then((pixels) => Buffer.concat([Buffer.from("P6 9 9 255\\n"), pixels])));
    files.push(Buffer.from("#?RADIANCE\\nFORMAT=32-bit_rle_rgbe\\n\\n-Y 1 +X 1\\n0000"));
    const read = (bytes) => sharp(bytes).raw().toBuffer().then(() => "read", () => "blocked");
    const before = await read(files[6]);
    hardenDecoder();
    console.log(before, (await Promise.all(files.map(read))).join(" "), sharp.concurrency());`;
  const output = execFileSync(
    process.execPath,
    ["--conditions=@sluice/source", "--input-type=module", "-e", script],
    { cwd: import.meta.dirname, encoding: "utf8" },
  );
  expect(output.trim()).toBe("read read read read read read read blocked blocked blocked 1");
});
