import { alexnetAndVggs } from "./alexnet-vgg.ts";
import type { Architecture } from "./architecture.ts";
import { densenets } from "./densenet.ts";
import { efficientnets } from "./efficientnet.ts";
import { googlenets } from "./googlenet.ts";
import { inceptions } from "./inception.ts";
import { mobilenetV2s } from "./mobilenet-v2.ts";
import { mobilenetV3s } from "./mobilenet-v3.ts";
import { regnets } from "./regnet.ts";
import { resnets } from "./resnet.ts";
import { squeezenets } from "./squeezenet.ts";
import { visionTransformers } from "./vision-transformer.ts";
import { xresnets } from "./xresnet.ts";

/** Every architecture that can be built, in the order in which they were published. */
export const architectures: readonly Architecture[] = [
  ...alexnetAndVggs,
  ...googlenets,
  ...inceptions,
  ...resnets,
  ...squeezenets,
  ...densenets,
  ...mobilenetV2s,
  ...mobilenetV3s,
  ...xresnets,
  ...efficientnets,
  ...regnets,
  ...visionTransformers,
];

export function findArchitecture(name: string): Architecture | null {
  return architectures.find((architecture) => architecture.name === name) ?? null;
}
