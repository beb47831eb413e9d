import { open } from "node:fs/promises";
import { openPytorchFile } from "./pytorch/read-pytorch-file.ts";
import { openSafetensors } from "./read-safetensors.ts";
import type { WeightsFile } from "./stored-tensor.ts";
import { WeightsFileError } from "./weights-file-error.ts";

/**
 * Opens a weights file of either kind; which one it is, its first bytes tell, never its name.
 *
 * @throws WeightsFileError when the file is absent, not readable or of neither kind
 */
export async function openWeights(path: string): Promise<WeightsFile> {
  const head = await readHead(path);
  return looksLikePytorch(head) ? await openPytorchFile(path) : await openSafetensors(path);
}

const HEAD_BYTES = 9;

async function readHead(path: string): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    await using file = await open(path, "r");
    await file.read(head, 0, HEAD_BYTES, 0);
  } catch (error) {
    throw new WeightsFileError(
      path,
      `cannot be read (${String(error)}); expected a safetensors or PyTorch file`,
      { cause: error },
    );
  }
  return head;
}

/** safetensors begins with an 8-byte length and `{`; torch with a zip header or a pickle's protocol mark. */
function looksLikePytorch(head: Buffer): boolean {
  const isZip = head.readUInt32LE(0) === 0x04034b50;
  return isZip || (head[0] === 0x80 && head[8] !== 0x7b);
}
