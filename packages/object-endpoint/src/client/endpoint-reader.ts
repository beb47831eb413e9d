import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { RootName } from "@sluice/contracts";
import type { ObjectReader, ReadResult } from "@sluice/inference";
import type { ObjectKey } from "../signing/object-key.ts";
import { signRequest } from "../signing/object-request.ts";
import { fetchObject, type Trouble } from "./fetch-object.ts";

export interface EndpointReaderOptions {
  /** Address of the endpoint that serves each root: `http://host:port` or `https://host:port`. */
  readonly endpoints: ReadonlyMap<RootName, URL>;
  readonly key: ObjectKey;
  /** Certificates to trust in place of the system's, as PEM text; null: the system's. */
  readonly ca: string | null;
  /** Largest object that is taken; larger ones are unscannable. */
  readonly maxImageBytes: number;
  readonly maxConnections: number;
  /** Without a byte for so long a request is given up and sent again. */
  readonly stallTimeoutMs: number;
  /** For so long an object is asked for again; then it counts as unreadable. */
  readonly giveUpAfterMs: number;
  /** Wall clock, for signatures. */
  readonly nowMs: () => number;
  readonly events: EndpointReaderEvents;
}

/** None may throw. */
export interface EndpointReaderEvents {
  /** An endpoint gives no usable answer; told with every try, from 1. The reader is alive and waits. */
  troubled(event: {
    readonly endpoint: string;
    readonly attempt: number;
    readonly detail: string;
  }): void;
  /** An object came after trouble. */
  recovered(event: { readonly endpoint: string; readonly attempts: number }): void;
}

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 3000;
/** How long a signed request holds: enough to wait in a busy endpoint, and for clocks that differ a little. */
const REQUEST_LIFE_MS = 120_000;

/**
 * Reads objects through the endpoints of other hosts. While an endpoint is away objects wait and are asked for
 * again: a link that is cut costs time, not decisions.
 */
export function createEndpointReader(options: EndpointReaderOptions): ObjectReader & Disposable {
  const { maxConnections: maxSockets } = options;
  const agents = {
    "http:": new Agent({ keepAlive: true, maxSockets, scheduling: "lifo" }),
    "https:": new TlsAgent({
      keepAlive: true,
      maxSockets,
      scheduling: "lifo",
      ...(options.ca !== null && { ca: options.ca }),
    }),
  };
  return {
    async read(root, object) {
      const endpoint = options.endpoints.get(root);
      if (endpoint === undefined) return unreadable(`root "${root}" is not configured here`);
      const agent = endpoint.protocol === "https:" ? agents["https:"] : agents["http:"];
      return await askUntil(endpoint, options, async () => {
        const expiresAtMs = options.nowMs() + REQUEST_LIFE_MS;
        const target = signRequest({ root, object, expiresAtMs }, options.key);
        return await fetchObject(new URL(target, endpoint), { ...options, agent });
      });
    },
    [Symbol.dispose]() {
      agents["http:"].destroy();
      agents["https:"].destroy();
    },
  };
}

async function askUntil(
  { origin: endpoint }: URL,
  { giveUpAfterMs, events }: EndpointReaderOptions,
  ask: () => Promise<ReadResult | Trouble>,
): Promise<ReadResult> {
  const deadline = performance.now() + giveUpAfterMs;
  for (let attempt = 1; ; attempt += 1) {
    const result = await ask();
    if (result.kind !== "trouble") {
      if (attempt > 1) events.recovered({ endpoint, attempts: attempt });
      return result;
    }
    events.troubled({ endpoint, attempt, detail: result.detail });
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 10));
    if (performance.now() + waitMs > deadline) {
      return unreadable(`${endpoint} gave nothing after ${attempt} tries (${result.detail})`);
    }
    await sleep(waitMs);
  }
}

function unreadable(detail: string): ReadResult {
  return { kind: "unscannable", reason: "unreadable", detail };
}
