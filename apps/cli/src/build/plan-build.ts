import { resolve } from "node:path";
import { countClasses, readModelCard, type ModelPlan } from "@sluice/models";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { readLabelsFile } from "../setup/read-labels-file.ts";
import { chooseLabels, type ChosenLabels } from "./choose-labels.ts";

/** What the command line says; paths relative to `cwd`. */
export interface BuildRequest {
  readonly architecture: string | undefined;
  readonly weights?: string | undefined;
  readonly randomWeights?: true | undefined;
  readonly classes?: number | undefined;
  readonly labels?: string | undefined;
  readonly card?: string | undefined;
  readonly cwd: string;
}

export interface BuildPlan {
  readonly plan: ModelPlan;
  readonly labelOrigin: ChosenLabels["origin"] | "card";
}

/** Random weights of an architecture without another wish are as large as the published ones. */
const PUBLISHED_CLASSES = 1000;

/**
 * What is to be built. Weights are never invented unless that was asked for: such a model looks like one and judges at random.
 *
 * @throws CliError USAGE for parts that do not belong together, LABELS_INVALID for labels that do not fit the weights;
 *   ModelError, WeightsFileError when a file cannot be used
 */
export async function planBuild(request: BuildRequest): Promise<BuildPlan> {
  const { architecture, weights, randomWeights, cwd } = request;
  if (request.card !== undefined) {
    refuseBesideCard(request);
    return { plan: await readModelCard(resolve(cwd, request.card)), labelOrigin: "card" };
  }
  if (architecture === undefined) throw usage("expected an architecture, or --card");
  if ((weights === undefined) === (randomWeights === undefined)) {
    throw usage(
      "expected --weights <file>; `sluice models pull` fetches published ones and builds them, for example torchvision:resnet50. For load tests, --random-weights instead builds a model that knows nothing",
    );
  }
  const weightsPath = weights === undefined ? null : resolve(cwd, weights);
  const { labels, origin } = chooseLabels({
    given: request.labels === undefined ? null : await readLabelsFile(resolve(cwd, request.labels)),
    classes: request.classes ?? null,
    trained:
      weightsPath === null
        ? classesOfRandom(request)
        : await countClasses({ architecture, weightsPath }),
  });
  return { plan: { architecture, weightsPath, labels }, labelOrigin: origin };
}

function classesOfRandom({ classes, labels }: BuildRequest): number | null {
  return classes === undefined && labels === undefined ? PUBLISHED_CLASSES : null;
}

function refuseBesideCard(request: BuildRequest): void {
  const { architecture, weights, randomWeights, classes, labels } = request;
  const parts = [architecture, weights, randomWeights, classes, labels];
  if (parts.every((part) => part === undefined)) return;
  throw usage("--card names architecture, weights and labels; leave them out beside it");
}

function usage(problem: string): CliError {
  return new CliError("USAGE", `models build: ${problem}`, { exitCode: EXIT_CODE.usage });
}
