import type { RemoteFile } from "./download/remote-file.ts";
import type { ImageSettings } from "./image-settings.ts";

/** Where a model was found, and which files it takes; nothing large has been fetched yet. */
export type ModelLocation = WeightsLocation | DirectoryLocation;

/** Weights from which a model directory is still to be built. */
export interface WeightsLocation {
  readonly kind: "weights";
  /** In words for people, with the commit where there is one. */
  readonly origin: string;
  readonly files: readonly [weights: RemoteFile];
  /** As torchvision or timm spells it; null when nobody says. */
  readonly architecture: string | null;
  readonly numClasses: number | null;
  /** In the order of class ids; null when the source names none. */
  readonly labels: readonly string[] | null;
  readonly image: ImageSettings | null;
  /** Makes the cache find the model again, after the files are there. */
  readonly remember: () => Promise<void>;
}

/** A model directory in the layout of Hugging Face, ready to be used. */
export interface DirectoryLocation {
  readonly kind: "directory";
  readonly origin: string;
  /** `name` of each is its path in the directory. */
  readonly files: readonly RemoteFile[];
  readonly remember: () => Promise<void>;
}
