import type { Architecture, Library } from "../architectures/architecture.ts";
import { architectures } from "../architectures/registry.ts";
import { countClassifierRows } from "../labels/count-classes.ts";
import { chooseNaming } from "../names/choose-naming.ts";
import { compareTensors, isSameLayout } from "../weights/compare-tensors.ts";
import type { StoredTensor } from "../weights/stored-tensor.ts";

export interface FittedArchitecture {
  readonly architecture: string;
  /** Whose names the tensors have. */
  readonly library: Library;
  readonly classes: number;
}

/** Which of the architectures that can be built a file's weights are for. */
export interface ArchitectureFit {
  readonly fits: readonly FittedArchitecture[];
  /** When none fits: the one that shares most tensors, if any does, and by what the file differs from it. */
  readonly nearest:
    | (FittedArchitecture & {
        /** Tensors of the file that have this architecture's name and shape. */
        readonly shared: number;
        readonly differences: readonly string[];
      })
    | null;
}

/** Classes to compare with when the classifier goes by another name. */
const PUBLISHED_CLASSES = 1000;

/** Compares the tensors of a weights file with what every architecture needs. */
export function fitArchitectures(tensors: ReadonlyMap<string, StoredTensor>): ArchitectureFit {
  const candidates = architectures.map((architecture) => measure(architecture, tensors));
  const fits = candidates
    .filter(({ shared, expected }) => shared === expected.length)
    .filter((candidate) => differencesOf(candidate, tensors).length === 0);
  if (fits.length > 0) return { fits: fits.map(nameOf), nearest: null };
  const [best] = candidates.toSorted((a, b) => b.likeness - a.likeness);
  if (best === undefined || best.shared === 0) return { fits: [], nearest: null };
  const { shared } = best;
  return {
    fits: [],
    nearest: { ...nameOf(best), shared, differences: differencesOf(best, tensors) },
  };
}

interface Candidate {
  readonly architecture: Architecture;
  readonly library: Library;
  readonly classes: number;
  /** What it needs, under the names of the library. */
  readonly expected: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly shared: number;
  /** Shared tensors among all that either side has, 0 to 1. */
  readonly likeness: number;
}

function nameOf({ architecture, library, classes }: Candidate): FittedArchitecture {
  return { architecture: architecture.name, library, classes };
}

/** Counts first: telling every difference of a file from every architecture takes seconds each. */
function measure(
  architecture: Architecture,
  tensors: ReadonlyMap<string, StoredTensor>,
): Candidate {
  const classes = countClassifierRows(tensors, architecture) ?? PUBLISHED_CLASSES;
  const size = { classes, inputSize: architecture.image.crop };
  const { naming, parameters } = chooseNaming(architecture, size, tensors);
  const expected = parameters.map(({ name, shape }) => ({ name: naming.rename(name), shape }));
  const shared = expected.filter(({ name, shape }) => {
    const stored = tensors.get(name);
    return stored !== undefined && isSameLayout(stored.shape, shape);
  }).length;
  const likeness = shared / (expected.length + tensors.size - shared);
  return { architecture, library: naming.library, classes, expected, shared, likeness };
}

function differencesOf(
  { architecture, expected }: Candidate,
  tensors: ReadonlyMap<string, StoredTensor>,
): string[] {
  return compareTensors(tensors, expected, architecture.auxiliary ?? []);
}
