import type { RootName } from "@sluice/contracts";
import { bucketRoots } from "./bucket-roots.ts";
import type { BucketConfig, SluiceConfig } from "./sluice-config.ts";

/** What is wrong with the buckets, taken together and with what uses them. */
export function findBucketProblems(config: SluiceConfig): string[] {
  const buckets = [...bucketRoots(config.roots)];
  return [
    ...buckets.flatMap((one, i) => buckets.slice(i + 1).flatMap((other) => checkApart(one, other))),
    ...buckets.flatMap(checkKeyTravel),
    ...buckets.flatMap((bucket) => checkPatience(bucket, config)),
    ...checkSources(config),
    ...checkPublishing(config),
  ];
}

type NamedBucket = readonly [RootName, BucketConfig];

function checkApart([a, one]: NamedBucket, [b, other]: NamedBucket): string[] {
  if (one.bucket !== other.bucket || one.endpoint?.href !== other.endpoint?.href) return [];
  if (!one.prefix.startsWith(other.prefix) && !other.prefix.startsWith(one.prefix)) return [];
  return [
    `roots.${a}.s3 and roots.${b}.s3: "${one.bucket}/${one.prefix}" and "${other.bucket}/${other.prefix}" lie inside one another; use prefixes of which none begins with the other`,
  ];
}

/** An engine tells of itself between two reads, not within one. */
function checkPatience([name, bucket]: NamedBucket, { worker }: SluiceConfig): string[] {
  const longestMs = bucket.timeoutMs * bucket.maxAttempts;
  if (longestMs < worker.watchdogMs) return [];
  return [
    `roots.${name}.s3.timeoutMs and worker.watchdogMs: one read may take ${longestMs} ms (timeoutMs × maxAttempts), and a worker's engine counts as hung after ${worker.watchdogMs}; lower one or raise the other`,
  ];
}

/** Whoever sees the key of SSE-C on its way can read everything that it protects. */
function checkKeyTravel([name, bucket]: NamedBucket): string[] {
  const { endpoint, sseCustomerKeyFile } = bucket;
  if (sseCustomerKeyFile === null || endpoint?.protocol !== "http:") return [];
  if (LOOPBACK.test(endpoint.hostname)) return [];
  return [
    `roots.${name}.s3.sseCustomerKeyFile and roots.${name}.s3.endpoint: the key would travel unencrypted; use https`,
  ];
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/u;

/** Sources know folders only, but for one kind, which knows buckets only. */
function checkSources({ sources, roots }: SluiceConfig): string[] {
  return sources.flatMap((source, i) => {
    const { kind, root } = source;
    const place = roots.get(root);
    if (place === undefined || (kind === "s3") === (place.kind === "s3")) return [];
    if (kind === "s3") {
      return [
        `sources[${i}].kind and roots.${root}: a source of kind s3 needs a bucket, "${root}" is none; name another root, or use kind: folder`,
      ];
    }
    if (kind === "nginx-log" && source.fetch === undefined) {
      if (!source.listing) return [];
      return [
        `sources[${i}].listing and roots.${root}.s3: a source of kind nginx-log lists folders only, "${root}" is a bucket; set listing: false, or use kind: s3, which finds what no line names`,
      ];
    }
    return [
      `sources[${i}].kind and roots.${root}.s3: a source of kind ${kind} needs a folder, "${root}" is a bucket; name another root`,
    ];
  });
}

/** Publishing goes from folder to folder or from bucket to bucket. */
function checkPublishing({ policies, sources, roots }: SluiceConfig): string[] {
  return sources.flatMap((source) => {
    const policy = policies.get(source.policy);
    if (policy?.mode !== "gate") return [];
    const [from, to] = [roots.get(source.root), roots.get(policy.publishTo)];
    if (from === undefined || to === undefined || (from.kind === "s3") === (to.kind === "s3"))
      return [];
    return [
      `policies.${source.policy}.publishTo and sources "${source.name}".root: "${policy.publishTo}" and "${source.root}" must both be buckets or both be folders; name another root`,
    ];
  });
}
