import {
  locateModel,
  parseModelReference,
  readHubSettings,
  requireRevision,
  type DirectoryLocation,
  type ModelReference,
  type PullOptions,
  type WeightsLocation,
} from "@sluice/model-hub";
import { CliError } from "../cli-error.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { chooseBuild, type Build } from "./choose-build.ts";
import { showPullProgress } from "./show-pull-progress.ts";

/** What a person asked for on the command line. */
export interface PullRequest {
  readonly model: string;
  readonly outDir: string;
  readonly revision?: string | undefined;
  readonly arch?: string | undefined;
  readonly labels?: string | undefined;
  readonly sha256?: string | undefined;
  readonly maxBytes: number;
  /** Seconds. */
  readonly stallTimeout: number;
  readonly offline?: true | undefined;
  readonly dryRun?: true | undefined;
}

/** Everything that can be known, and refused, before the first large file is fetched. */
export type PreparedPull = { readonly outDir: string; readonly options: PullOptions } & (
  | { readonly location: DirectoryLocation; readonly build: null }
  | { readonly location: WeightsLocation; readonly build: Build }
);

/** @throws ModelHubError, CliError when the options do not fit the model */
export async function preparePull(
  request: PullRequest,
  context: CommandContext,
): Promise<PreparedPull> {
  const reference = readReference(request);
  const settings = readHubSettings(context.env);
  const options: PullOptions = {
    settings: request.offline === true ? { ...settings, isOffline: true } : settings,
    signal: context.signal,
    limits: { maxBytes: request.maxBytes, stallTimeoutMs: request.stallTimeout * 1000 },
    onProgress: showPullProgress(context.terminal, () => performance.now()),
  };
  const location = await locateModel(reference, {
    ...options,
    ...(request.sha256 === undefined ? {} : { sha256: request.sha256 }),
    isMeasured: request.dryRun === true,
  });
  if (location.kind === "weights") {
    const build = await chooseBuild(location, { ...request, cwd: context.cwd });
    return { location, build, outDir: request.outDir, options };
  }
  refuse(
    request.arch,
    `--arch: ${location.origin} holds an ONNX model, which has its architecture`,
  );
  refuse(request.labels, `--labels: ${location.origin} holds its labels itself, in config.json`);
  return { location, build: null, outDir: request.outDir, options };
}

function readReference({ model, revision, sha256 }: PullRequest): ModelReference {
  const reference = parseModelReference(model);
  if (reference.kind !== "https") {
    refuse(
      sha256,
      "--sha256: only for an https address; others are checked against what is published",
    );
  }
  if (reference.kind !== "hub") {
    refuse(revision, "--revision: only for <owner>/<repository>");
    return reference;
  }
  return revision === undefined ? reference : { ...reference, revision: requireRevision(revision) };
}

function refuse(option: string | undefined, problem: string): void {
  if (option === undefined) return;
  throw new CliError("USAGE", `models pull: ${problem}`, { exitCode: EXIT_CODE.usage });
}
