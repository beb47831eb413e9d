/** What goes wrong: an answer of the server, or bytes that come late or not at all. */
export type FaultKind =
  | "access-denied"
  | "internal-error"
  | "slow-down"
  | "half-body"
  /** Half of the body, then nothing. */
  | "stalled-body"
  /** A page of a proxy's, where XML was expected. */
  | "garbage"
  /** 404, said by somebody who knows nothing of buckets. */
  | "not-found-page"
  | "no-answer"
  | "reset"
  /** Done, but the answer is lost. */
  | "answer-lost";

export interface Fault {
  /** As `FakeRequest.operation`; left out: any. */
  readonly operation?: string;
  readonly key?: string;
  /** How often; left out: always. */
  readonly times?: number;
  readonly kind: FaultKind;
}

export interface FakeRequest {
  /** Such as `GetObject`. */
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

type Before = (request: FakeRequest) => void;

/** What tests prepare, and what they look at afterwards. */
export class FakeFaults {
  readonly requests: FakeRequest[] = [];
  readonly #faults: { fault: Fault; left: number }[] = [];
  readonly #before: { operation: string; act: Before }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  /** Runs once in the moment before the next such request is answered, as another client of the bucket might. */
  before(operation: string, act: Before): void {
    this.#before.push({ operation, act });
  }

  clear(): void {
    this.#faults.length = 0;
    this.#before.length = 0;
    this.requests.length = 0;
  }

  /** Called for every request; null: it goes well. */
  next(request: FakeRequest): FaultKind | null {
    this.requests.push(request);
    const at = this.#before.findIndex(({ operation }) => operation === request.operation);
    if (at !== -1) this.#before.splice(at, 1)[0]?.act(request);
    const found = this.#faults.find(
      ({ fault, left }) =>
        left > 0 &&
        (fault.operation ?? request.operation) === request.operation &&
        (fault.key ?? request.key) === request.key,
    );
    if (found === undefined) return null;
    found.left -= 1;
    return found.fault.kind;
  }
}
