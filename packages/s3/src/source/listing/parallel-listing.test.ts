import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareKeys } from "./key-order.ts";
import { spanOf, type ListedObject, type PageSource } from "./listed-page.ts";
import { ListingUnorderedError, listInParallel } from "./parallel-listing.ts";

/** A bucket in memory that lists as servers do, and counts. */
class Shelf implements PageSource {
  requests = 0;
  inFlight = 0;
  mostInFlight = 0;
  readonly #keys: readonly string[];
  readonly #pageSize: number;

  constructor(keys: readonly string[], { pageSize = 3, order = compareKeys } = {}) {
    this.#keys = [...new Set(keys)].toSorted(order);
    this.#pageSize = pageSize;
  }

  async list({ prefix, after, next }: Parameters<PageSource["list"]>[0]) {
    await this.#turn();
    const below = this.#keys.filter((key) => key.startsWith(prefix));
    const from = Number(next?.continuation ?? 0);
    const rest = below.filter((key) => after === null || compareKeys(key, after) > 0);
    const keys = rest.slice(from, from + this.#pageSize);
    const isLast = from + keys.length >= rest.length;
    // As a server's token, it says where to go on in what this very listing began with.
    const token = below.length - rest.length + from + keys.length;
    const continuation = { continuation: String(token) };
    const more = isLast ? null : continuation;
    return { objects: keys.map(toObject), unreadable: 0, ...spanOf(keys), next: more };
  }

  async folders({ prefix }: Parameters<PageSource["folders"]>[0]) {
    await this.#turn();
    const names = this.#keys.filter((key) => key.startsWith(prefix));
    const rests = names.map((key) => key.slice(prefix.length).split("/"));
    const folders = [
      ...new Set(rests.filter(({ length }) => length > 1).map(([name]) => `${prefix}${name}/`)),
    ];
    return { folders, isComplete: rests.every(({ length }) => length > 1) };
  }

  async #turn(): Promise<void> {
    this.requests += 1;
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    this.inFlight -= 1;
  }
}

function toObject(key: string): ListedObject {
  return { key, versionId: null, etag: "e", sizeBytes: 1, lastModifiedMs: 0 };
}

async function list(
  pages: PageSource,
  { prefix = "", after = null as string | null, concurrency = 4 } = {},
): Promise<string[]> {
  const found: string[] = [];
  const { signal } = new AbortController();
  const onPage = ({ objects }: { objects: readonly ListedObject[] }): void => {
    found.push(...objects.map(({ key }) => key));
  };
  await listInParallel({ pages, prefix, after, concurrency, signal, onPage });
  return found;
}

const anyKey = fc
  .array(fc.oneof(fc.constantFrom("a", "b", "img-1", "img-2", "ы", "😀"), fc.string()), {
    minLength: 1,
    maxLength: 4,
  })
  .map((parts) => parts.join("/"));

describe("a parallel listing", () => {
  test("finds every key once, whatever the names are and however many look", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyKey, { maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom("", "a/", "img-1"),
        fc.option(anyKey),
        async (keys, concurrency, prefix, after) => {
          const found = await list(new Shelf(keys), { prefix, after, concurrency });
          const expected = [...new Set(keys)].filter(
            (key) => key.startsWith(prefix) && (after === null || compareKeys(key, after) > 0),
          );
          expect(found.toSorted(compareKeys)).toEqual(expected.toSorted(compareKeys));
        },
      ),
    );
  });

  test.each([
    ["numbered names", (n: number) => `img-${String(n).padStart(7, "0")}.jpg`],
    ["days", (n: number) => `2026/11/${String(1 + (n % 28)).padStart(2, "0")}/${n}.jpg`],
    ["hashes", (n: number) => ((n * 2654435761) % 2 ** 32).toString(16).padStart(8, "0")],
    ["one folder", (n: number) => `uploads/photos/${n}.jpg`],
  ])(
    "of many %s keeps all requests busy and costs few more than there are pages",
    async (_, name) => {
      const keys = Array.from({ length: 20_000 }, (_none, n) => name(n));
      const shelf = new Shelf(keys, { pageSize: 100 });
      expect(await list(shelf, { concurrency: 8 })).toHaveLength(20_000);
      expect(shelf.mostInFlight).toBe(8);
      expect(shelf.requests).toBeLessThan(200 * 3);
    },
  );

  test("of what fits on a page is one request", async () => {
    const shelf = new Shelf(["a", "b/c"]);
    await list(shelf, { concurrency: 8 });
    expect(shelf.requests).toBe(1);
  });

  test("refuses a server that lists in another order, and one request at a time does not mind", async () => {
    const keys = Array.from({ length: 50 }, (_, n) => `k${n}`);
    const order = (a: string, b: string): number => compareKeys(b, a);
    await expect(list(new Shelf(keys, { order }))).rejects.toThrow(ListingUnorderedError);
    const found = await list(new Shelf(keys, { order }), { concurrency: 1 });
    expect(found.toSorted(compareKeys)).toEqual(keys.toSorted(compareKeys));
  });

  test("ends with the first failure", async () => {
    const shelf = new Shelf(Array.from({ length: 500 }, (_, n) => `k${n}`));
    const broken: PageSource = {
      folders: async (request) => await shelf.folders(request),
      async list(request) {
        if (shelf.requests > 20) throw new Error("broken");
        return await shelf.list(request);
      },
    };
    await expect(list(broken)).rejects.toThrow("broken");
    expect(shelf.inFlight).toBe(0);
  });
});
