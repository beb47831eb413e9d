/** What a request is called, from its method and what it asks for. */
export function operationName(
  method: string,
  {
    key,
    query,
    isCopy,
  }: { readonly key: string; readonly query: URLSearchParams; readonly isCopy: boolean },
): string {
  if (key === "") return bucketOperation(method, query);
  if (query.has("tagging")) return `${verb(method)}ObjectTagging`;
  if (query.has("retention")) return `${verb(method)}ObjectRetention`;
  if (query.has("legal-hold")) return `${verb(method)}ObjectLegalHold`;
  return isCopy ? "CopyObject" : `${verb(method)}Object`;
}

function bucketOperation(method: string, query: URLSearchParams): string {
  if (query.has("versioning")) return `${verb(method)}BucketVersioning`;
  if (query.has("versions")) return "ListObjectVersions";
  if (query.get("list-type") === "2") return "ListObjectsV2";
  if (method === "GET") return "ListObjects";
  return method === "PUT" ? "CreateBucket" : `${verb(method)}Bucket`;
}

const VERBS: Readonly<Record<string, string>> = {
  GET: "Get",
  HEAD: "Head",
  PUT: "Put",
  DELETE: "Delete",
};

function verb(method: string): string {
  return VERBS[method] ?? method;
}
