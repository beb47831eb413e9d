// A bucket of so many flat names that never were stored: pages are made from their numbers. Tells its address and serves until it is killed.
import { createServer } from "node:http";

const count = Number(process.argv[2]);
const PAGE = 1000;
const nameOf = (n: number): string => `img-${String(n).padStart(9, "0")}.jpg`;

/** Number of the first name behind a key. */
function firstBehind(key: string): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (nameOf(middle) > key) high = middle;
    else low = middle + 1;
  }
  return low;
}

function page(query: URLSearchParams): string {
  const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
  const first = after === "" ? 0 : firstBehind(after);
  const end = Math.min(count, first + PAGE);
  const entries = Array.from({ length: end - first }, (_, at) => {
    const etag = "&quot;9dd4e461268c8034f5c8564e155c67a6&quot;";
    const facts = `<LastModified>2026-11-23T03:32:32.687Z</LastModified><ETag>${etag}</ETag><Size>204800</Size><StorageClass>STANDARD</StorageClass>`;
    return `<Contents><Key>${nameOf(first + at)}</Key>${facts}</Contents>`;
  });
  const next =
    end < count ? `<NextContinuationToken>${nameOf(end - 1)}</NextContinuationToken>` : "";
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>uploads</Name><EncodingType>url</EncodingType><KeyCount>${end - first}</KeyCount><MaxKeys>${PAGE}</MaxKeys><IsTruncated>${end < count}</IsTruncated>${next}${entries.join("")}</ListBucketResult>`;
}

const server = createServer((request, response) => {
  const query = new URL(request.url ?? "", "http://x").searchParams;
  const isQuestion = query.has("versioning");
  response.end(isQuestion ? "<VersioningConfiguration/>" : page(query));
}).listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.send?.(`http://127.0.0.1:${address?.port}`);
});
