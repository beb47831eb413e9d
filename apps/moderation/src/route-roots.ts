import type { RootName } from "@sluice/contracts";
import type { Originals, Places } from "@sluice/moderation";

/** What acts on the roots of one kind. */
export interface Actors {
  readonly originals: Originals;
  readonly places: Places;
}

/** Sends every call to whoever acts on its root: buckets are few and named, everything else is a folder (or nothing that is known). */
export function routeByRoot(
  isBucket: (root: RootName) => boolean,
  { folders, buckets }: { readonly folders: Actors; readonly buckets: Actors },
): Actors {
  const of = (root: RootName): Actors => (isBucket(root) ? buckets : folders);
  return {
    originals: {
      setAside: (original) => of(original.root).originals.setAside(original),
      remove: (original) => of(original.root).originals.remove(original),
      mark: (original) => of(original.root).originals.mark(original),
      unmark: (original) => of(original.root).originals.unmark(original),
    },
    places: {
      publish: (request) => of(request.to).places.publish(request),
      restore: (request) => of(request.to.root).places.restore(request),
      tidy: (to, token) => of(to.root).places.tidy(to, token),
    },
  };
}
