import { readFile } from "node:fs/promises";
import { describeProcessor, type Processor } from "@sluice/inference-onnx";
import { broken, ok, warning, type Finding } from "../finding.ts";

/** What the machine tells of itself; null for what it does not tell. */
export interface SystemFacts {
  readonly nodeVersion: string;
  readonly processor: Processor;
  /** `/proc/self/limits`. */
  readonly limits: string | null;
  /** `fs.inotify.max_user_watches`. */
  readonly maxWatches: number | null;
  /** `fs.inotify.max_user_instances`. */
  readonly maxInstances: number | null;
}

export async function readSystemFacts(): Promise<SystemFacts> {
  const [limits, watches, instances] = await Promise.all(
    [
      "/proc/self/limits",
      "/proc/sys/fs/inotify/max_user_watches",
      "/proc/sys/fs/inotify/max_user_instances",
    ].map(async (path) => await readFile(path, "utf8").catch(() => null)), // not Linux: then it is not told
  );
  return {
    nodeVersion: process.versions.node,
    processor: await describeProcessor(),
    limits: limits ?? null,
    maxWatches: numberIn(watches ?? null),
    maxInstances: numberIn(instances ?? null),
  };
}

export function checkSystem(facts: SystemFacts): readonly Finding[] {
  return [
    checkNode(facts.nodeVersion),
    checkCpu(facts.processor),
    checkOpenFiles(facts.limits),
    checkInotify(facts),
  ];
}

/** Types are stripped, resources disposed and SQLite is built in from here on. */
const LEAST_NODE = 24;

function checkNode(version: string): Finding {
  const what = "Node.js";
  if (Number.parseInt(version, 10) >= LEAST_NODE) return ok(what, version);
  const remedy = "start Sluice with bin/sluice or npm, which bring their own";
  return broken(what, `${version}, and Sluice needs ${LEAST_NODE}`, remedy);
}

/** Instructions that ONNX Runtime multiplies with, the most telling first. */
const INSTRUCTIONS = [
  ["amx_int8", "AMX"],
  ["avx512_vnni", "AVX-512 VNNI"],
  ["avx_vnni", "AVX-VNNI"],
  ["avx512f", "AVX-512"],
  ["avx2", "AVX2"],
  ["i8mm", "I8MM"],
  ["asimddp", "dot products"],
] as const;

function checkCpu({ model, features, hasExactByteProducts }: Processor): Finding {
  const what = "CPU";
  if (features.length === 0) return ok(what, `${model}; it does not tell its instructions`);
  const known = INSTRUCTIONS.flatMap(([flag, text]) => (features.includes(flag) ? [text] : []));
  if (known.length === 0) {
    const remedy = "networks run several times slower here; take a newer CPU or a GPU";
    return warning(what, `${model}; no AVX2, AVX-512 or VNNI`, remedy);
  }
  const gain = hasExactByteProducts
    ? "int8 members pay off"
    : "int8 members gain little without VNNI";
  return ok(what, `${model}; ${known.join(", ")}; ${gain}`);
}

const ENOUGH_FILES = 4096;

function checkOpenFiles(limits: string | null): Finding {
  const what = "open files";
  const soft = /^Max open files\s+(?<soft>\d+|unlimited)/mu.exec(limits ?? "")?.groups?.["soft"];
  if (soft === undefined) return ok(what, "no limit is told");
  if (soft === "unlimited" || Number(soft) >= ENOUGH_FILES) return ok(what, `limit ${soft}`);
  const remedy = `raise it: "ulimit -n ${ENOUGH_FILES}", or LimitNOFILE=${ENOUGH_FILES} under systemd`;
  return warning(what, `limit ${soft}`, remedy);
}

/** A watch per folder of a source; Linux' own standard was 8192 for years. */
const ENOUGH_WATCHES = 65_536;
const ENOUGH_INSTANCES = 128;

function checkInotify({ maxWatches, maxInstances }: SystemFacts): Finding {
  const what = "inotify";
  if (maxWatches === null || maxInstances === null) return ok(what, "no limits are told");
  const found = `${maxWatches} watches, ${maxInstances} instances per user`;
  if (maxWatches >= ENOUGH_WATCHES && maxInstances >= ENOUGH_INSTANCES) return ok(what, found);
  const remedy = `sources with many folders fall back to listing; sysctl fs.inotify.max_user_watches=${ENOUGH_WATCHES} fs.inotify.max_user_instances=${ENOUGH_INSTANCES}`;
  return warning(what, found, remedy);
}

function numberIn(text: string | null): number | null {
  const number = Number(text?.trim());
  return text === null || !Number.isSafeInteger(number) ? null : number;
}
