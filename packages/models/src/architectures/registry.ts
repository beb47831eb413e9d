import { alexnetAndVggs } from "./alexnet-vgg.ts";
import type { Architecture } from "./architecture.ts";
import { efficientnets } from "./efficientnet.ts";
import { googlenets } from "./googlenet.ts";
import { resnets } from "./resnet.ts";
import { squeezenets } from "./squeezenet.ts";

/** Every architecture that can be built, in the order in which they were published. */
export const architectures: readonly Architecture[] = [
  ...alexnetAndVggs,
  ...googlenets,
  ...resnets,
  ...squeezenets,
  ...efficientnets,
];

export function findArchitecture(name: string): Architecture | null {
  return architectures.find((architecture) => architecture.name === name) ?? null;
}
