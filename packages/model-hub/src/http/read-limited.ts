import { HubResponseError } from "../model-hub-error.ts";
import { explainTransportFailure } from "./open-response.ts";
import type { StallWatch } from "./stall-watch.ts";

/**
 * The whole body as text.
 *
 * @throws HubResponseError beyond `maxBytes`
 */
export async function readLimited(
  response: Response,
  { host, maxBytes, watch }: { host: string; maxBytes: number; watch: StallWatch },
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      watch.touch();
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        throw new HubResponseError(`${host} answers more than ${maxBytes} bytes of JSON`);
      }
      chunks.push(chunk);
    }
  } catch (error) {
    throw explainTransportFailure(error, host, watch.signal);
  }
  return Buffer.concat(chunks).toString("utf8");
}
