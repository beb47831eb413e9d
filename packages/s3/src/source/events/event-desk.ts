import type { SourceName } from "@sluice/contracts";
import type { LookResult } from "../object-looks.ts";
import type { EventOutcome, FeedKind, S3Events } from "../s3-events.ts";
import { readEvent, type ObjectHint } from "./read-event.ts";

export interface EventDeskOptions {
  readonly source: SourceName;
  readonly bucketName: string;
  readonly prefix: string;
  readonly look: (key: string) => Promise<LookResult>;
  readonly events: Pick<S3Events, "eventTaken" | "subscriptionAsked">;
}

/**
 * done: everything that the message told of is in the journal, or is no object of this source; it may be deleted.
 * refused: it cannot be understood or is about something else, and would be no better the next time.
 */
export type MessageFate = "done" | "refused";

/** Marks of changes that are remembered, about 200 bytes each. */
const MAX_MARKS = 10_000;

/** Takes messages of any feed. A message is only a hint: the bucket is asked what is there now. */
export class EventDesk {
  readonly #options: EventDeskOptions;
  /** Changes that were dealt with; the oldest first. */
  readonly #marks = new Set<string>();

  constructor(options: EventDeskOptions) {
    this.#options = options;
  }

  /** Returns when the journal has what the message told of. Rejects with S3Error when the bucket cannot be asked. */
  async take(feed: FeedKind, text: string): Promise<MessageFate> {
    const message = readEvent(text);
    switch (message.kind) {
      case "test":
        this.#tell(feed, "test");
        return "done";
      case "subscription": {
        const { topic, confirmUrl } = message;
        this.#options.events.subscriptionAsked({ source: this.#options.source, topic, confirmUrl });
        this.#tell(feed, "subscription");
        return "done";
      }
      case "invalid":
        this.#tell(feed, "invalid", message.reason);
        return "refused";
      case "objects":
        return await this.#follow(feed, message.hints);
      default:
        return message satisfies never;
    }
  }

  async #follow(feed: FeedKind, hints: readonly ObjectHint[]): Promise<MessageFate> {
    const results = await Promise.allSettled(hints.map(async (hint) => await this.#look(hint)));
    let hasOwn = false;
    for (const result of results) {
      if (result.status === "rejected") throw result.reason;
      this.#tell(feed, result.value);
      hasOwn ||= result.value !== "foreign";
    }
    return hasOwn ? "done" : "refused";
  }

  async #look({ bucket, keys, mark }: ObjectHint): Promise<EventOutcome> {
    const { bucketName, prefix, look } = this.#options;
    if (bucket !== bucketName) return "foreign";
    if (mark !== null && this.#marks.has(mark)) return "duplicate";
    let outcome: EventOutcome = "ignored";
    for (const key of keys) {
      if (!key.startsWith(prefix)) continue;
      outcome = await look(key);
      if (outcome !== "missing") break; // otherwise the next spelling is tried
    }
    this.#remember(mark);
    return outcome;
  }

  /** Only when it was dealt with: what failed is to be tried again. */
  #remember(mark: string | null): void {
    if (mark === null) return;
    this.#marks.add(mark);
    const [oldest] = this.#marks;
    if (this.#marks.size > MAX_MARKS && oldest !== undefined) this.#marks.delete(oldest);
  }

  #tell(feed: FeedKind, outcome: EventOutcome, detail?: string): void {
    const { source, events } = this.#options;
    events.eventTaken({ source, feed, outcome, ...(detail !== undefined && { detail }) });
  }
}
