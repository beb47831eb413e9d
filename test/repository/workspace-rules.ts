/** A workspace package as the rules see it. */
export interface PackageFacts {
  readonly name: string;
  readonly kind: string;
  /** Relative folder. */
  readonly folder: string;
  readonly dependencies: readonly string[];
  /** What only its tests use. */
  readonly devDependencies: readonly string[];
  /** Folders that its tsconfig refers to, relative to the root. */
  readonly references: readonly string[];
  readonly files: readonly SourceFacts[];
}

export interface SourceFacts {
  readonly path: string;
  readonly isTest: boolean;
  readonly imports: readonly string[];
  readonly text: string;
}

const KINDS = ["core", "adapter", "app", "tool", "test"];
/** Which kinds a kind may depend on; STYLE: dependencies point inwards only, nothing imports an app. */
const MAY_USE: Readonly<Record<string, readonly string[]>> = {
  core: ["core"],
  adapter: ["core"],
  app: ["core", "adapter"],
  tool: ["core", "adapter"],
  test: ["core", "adapter", "app", "tool"],
};
/** The demo draws its own uploads, with the generator that the models were trained on. */
const ALLOWED_EXTRA: Readonly<Record<string, readonly string[]>> = {
  "@sluice/cli": ["@sluice/demo-models"],
};
/** Libraries with native parts or servers behind them appear in exactly one package. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  sharp: ["@sluice/imaging"],
  "onnxruntime-node": ["@sluice/inference-onnx"],
  bullmq: ["@sluice/queue"],
  ioredis: ["@sluice/queue"],
  pino: ["@sluice/telemetry"],
  "prom-client": ["@sluice/telemetry"],
  chokidar: ["@sluice/source-folder"],
  "@aws-sdk/client-s3": ["@sluice/s3"],
  "@aws-sdk/client-sqs": ["@sluice/s3"],
};
/** Hashing is arithmetic, not I/O: ids and digests are derived in the core. */
const CORE_BUILTINS = new Set(["node:crypto"]);
const CORE_LIBRARIES = new Set(["zod"]);
const NOT_IN_CORE: readonly (readonly [what: string, pattern: RegExp])[] = [
  ["process", /\bprocess\./u],
  ["Date.now", /\bDate\.now\b|\bnew Date\(\)/u],
  ["Math.random", /\bMath\.random\b/u],
  ["timers", /\bset(?:Timeout|Interval|Immediate)\(/u],
];

/** Everything that is wrong with the structure of the workspace; empty when nothing is. */
export function findViolations(packages: readonly PackageFacts[]): string[] {
  const byName = new Map(packages.map((p) => [p.name, p]));
  return [
    ...packages.flatMap((p) => checkManifest(p, byName)),
    ...packages.flatMap((p) => p.files.flatMap((file) => checkFile(p, file, byName))),
    ...findCycles(packages),
  ];
}

function checkManifest(p: PackageFacts, byName: ReadonlyMap<string, PackageFacts>): string[] {
  const problems: string[] = [];
  if (!KINDS.includes(p.kind)) problems.push(`${p.name}: sluice.kind is "${p.kind}"`);
  const own = p.dependencies.filter((name) => name.startsWith("@sluice/"));
  for (const name of own) {
    const target = byName.get(name);
    const isAllowed =
      target !== undefined &&
      [...(MAY_USE[p.kind] ?? []), ...(ALLOWED_EXTRA[p.name] ?? [])].some((allowed) =>
        [target.kind, name].includes(allowed),
      );
    if (!isAllowed)
      problems.push(
        `${p.name} (${p.kind}) may not depend on ${name} (${target?.kind ?? "unknown"})`,
      );
  }
  for (const library of p.dependencies) {
    const owners = OWNERS[library];
    if (owners !== undefined && !owners.includes(p.name) && p.kind !== "test") {
      problems.push(`${p.name} may not depend on ${library}: only ${owners.join(", ")} does`);
    }
  }
  const referenced = new Set(p.references);
  const needed = new Set(own.map((name) => byName.get(name)?.folder ?? name));
  const useful = new Set([...p.devDependencies].map((name) => byName.get(name)?.folder ?? name));
  if (p.kind === "test") return problems;
  for (const folder of needed)
    if (!referenced.has(folder))
      problems.push(`${p.name}: tsconfig lacks a reference to ${folder}`);
  for (const folder of referenced)
    if (!needed.has(folder) && !useful.has(folder))
      problems.push(`${p.name}: tsconfig refers to ${folder}, which is no dependency`);
  return problems;
}

function checkFile(
  p: PackageFacts,
  file: SourceFacts,
  byName: ReadonlyMap<string, PackageFacts>,
): string[] {
  const problems: string[] = [];
  for (const specifier of file.imports) {
    if (specifier.startsWith(".")) continue;
    const name = packageOf(specifier);
    if (specifier.startsWith("@sluice/") && specifier !== name)
      problems.push(`${file.path} imports inside of ${name}`);
    if (name === p.name) problems.push(`${file.path} imports its own package by name`);
    const isDeclared = specifier.startsWith("node:") || p.dependencies.includes(name);
    if (!isDeclared && !file.isTest)
      problems.push(`${file.path} imports ${name}, which package.json does not declare`);
    if (byName.get(name)?.kind === "app" && p.kind !== "test")
      problems.push(`${file.path} imports the app ${name}`);
    if (p.kind === "core" && !file.isTest && !mayCoreImport(specifier))
      problems.push(`${file.path} (core) imports ${specifier}`);
  }
  if (p.kind === "core" && !file.isTest) {
    for (const [what, pattern] of NOT_IN_CORE) {
      if (pattern.test(withoutComments(file.text)))
        problems.push(`${file.path} (core) uses ${what}`);
    }
  }
  if (/\/(?:utils|helpers|common|types)\.ts$/u.test(file.path))
    problems.push(`${file.path}: name the idea, not the drawer`);
  if (file.path.endsWith("/src/index.ts") && /export \*/u.test(file.text))
    problems.push(`${file.path}: re-export by name`);
  return problems;
}

function mayCoreImport(specifier: string): boolean {
  if (specifier.startsWith("node:")) return CORE_BUILTINS.has(specifier);
  return specifier.startsWith("@sluice/") || CORE_LIBRARIES.has(packageOf(specifier));
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//gu, "").replaceAll(/\/\/.*$/gmu, "");
}

function findCycles(packages: readonly PackageFacts[]): string[] {
  const edges = new Map(packages.map((p) => [p.name, p.dependencies]));
  const done = new Set<string>();
  const problems: string[] = [];
  const visit = (name: string, trail: readonly string[]): void => {
    if (trail.includes(name))
      problems.push(`cycle: ${[...trail.slice(trail.indexOf(name)), name].join(" → ")}`);
    if (done.has(name) || trail.includes(name)) return;
    for (const next of edges.get(name) ?? []) if (edges.has(next)) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of edges.keys()) visit(name, []);
  return problems;
}
