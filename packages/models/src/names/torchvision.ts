import { renaming, type Renaming } from "./renaming.ts";

/** Files that torchvision published before 0.9 and still serves. */
export const olderDensenet: Renaming = renaming([
  /\.denselayer(\d+)\.(norm|conv)([12])\./u,
  ".denselayer$1.$2.$3.",
]);

/** Files that torchvision published before 0.14 and still serves. */
export const olderVit: Renaming = renaming(
  [/\.mlp\.0\./u, ".mlp.linear_1."],
  [/\.mlp\.3\./u, ".mlp.linear_2."],
);
