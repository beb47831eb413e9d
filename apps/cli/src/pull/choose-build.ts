import type { ImageSettings, WeightsLocation } from "@sluice/model-hub";
import { IMAGENET_LABELS, listArchitectures } from "@sluice/models";
import { resolve } from "node:path";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";
import { readLabelsFile } from "../setup/read-labels-file.ts";
import { fromTimmName } from "./timm-architectures.ts";

/** How weights become a model directory. */
export interface Build {
  readonly architecture: string;
  readonly labels: readonly string[];
  /** Null: the architecture's published preprocessing. */
  readonly image: ImageSettings | null;
}

export interface Wishes {
  readonly cwd: string;
  readonly arch?: string | undefined;
  /** File. */
  readonly labels?: string | undefined;
}

/**
 * What was asked for goes before what the source says.
 *
 * @throws CliError when neither says which architecture or which labels, or labels and classes do not agree
 */
export async function chooseBuild(location: WeightsLocation, wishes: Wishes): Promise<Build> {
  const architecture = chooseArchitecture(location, wishes);
  const labels = await chooseLabels(location, wishes);
  const { numClasses, image, origin } = location;
  if (numClasses !== null && labels.length !== numClasses) {
    throw usage(`${origin} has ${numClasses} classes, and there are ${labels.length} labels`);
  }
  return { architecture, labels, image };
}

function chooseArchitecture({ origin, architecture }: WeightsLocation, wishes: Wishes): string {
  const given = wishes.arch ?? architecture;
  if (given === null) throw usage(`${origin} does not say its architecture; name it with --arch`);
  const name = fromTimmName(given);
  const known = listArchitectures().map((facts) => facts.name);
  if (known.includes(name)) return name;
  throw usage(
    `${origin}: architecture "${given}" cannot be built; if it is one of these under another name, say so with --arch: ${known.join(", ")}`,
  );
}

/** Published weights of 1,000 classes without labels of their own are ImageNet's; so are an address's, until labels are given. */
async function chooseLabels(
  { origin, labels, numClasses }: WeightsLocation,
  wishes: Wishes,
): Promise<readonly string[]> {
  if (wishes.labels !== undefined) return await readLabelsFile(resolve(wishes.cwd, wishes.labels));
  if (labels !== null) return labels;
  if (numClasses === null || numClasses === IMAGENET_LABELS.length) return IMAGENET_LABELS;
  throw usage(`${origin} names no labels for its ${numClasses} classes; give them with --labels`);
}

function usage(problem: string): CliError {
  return new CliError("USAGE", `models pull: ${problem}`, { exitCode: EXIT_CODE.usage });
}
