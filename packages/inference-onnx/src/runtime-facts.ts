import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** What is installed of ONNX Runtime, for people who look for what is missing. */
export interface RuntimeFacts {
  readonly version: string;
  /** Execution providers that its binding was built for; those that are not bundled need libraries beside it. */
  readonly backends: readonly { readonly name: string; readonly isBundled: boolean }[];
  /** Absolute path of the folder with `libonnxruntime.so.1`, where libraries of providers are looked for. */
  readonly binFolder: string;
  /** Absolute path of the package. */
  readonly packageFolder: string;
}

/** Loads ONNX Runtime and asks. @throws what the dynamic loader says, on systems that the library does not run on */
export async function readRuntimeFacts(): Promise<RuntimeFacts> {
  process.env["ORT_DISABLE_TELEMETRY"] = "1"; // before the library loads: official Linux builds upload telemetry otherwise
  const { env, listSupportedBackends } = await import("onnxruntime-node");
  const manifest = createRequire(import.meta.url).resolve("onnxruntime-node/package.json");
  const packageFolder = dirname(manifest);
  return {
    version: env.versions.node ?? "unknown",
    backends: listSupportedBackends().map(({ name, bundled }) => ({ name, isBundled: bundled })),
    binFolder: join(packageFolder, "bin", "napi-v6", process.platform, process.arch),
    packageFolder,
  };
}
