/** How much of a graph its device runs. */
export interface Placed<T> {
  readonly session: T;
  /** Whether ONNX Runtime gave some of the nodes to the CPU, because the device's provider does not know them. */
  readonly isPartlyOnCpu: boolean;
}

/** What ONNX Runtime says when nodes are left over that its CPU provider may not take. */
const LEFT_OVER = /fallback to CPU EP has been explicitly disabled/u;

/**
 * Opens a session whose graph is wholly on the device where that is possible. ONNX Runtime gives the nodes that a GPU's provider does not
 * know to the CPU without a word: for the sizes of a shape that is harmless, for an int8 network on CUDA it is the whole network. So
 * that is forbidden first; where it fails the nodes are allowed there, and it is told.
 *
 * @param open opens it with nodes on the CPU forbidden, or allowed
 * @throws what `open` throws, unless nodes are left over
 */
export async function placeOnDevice<T>(
  provider: string,
  open: (options: { readonly mayUseCpu: boolean }) => Promise<T>,
): Promise<Placed<T>> {
  if (provider === "cpu") return { session: await open({ mayUseCpu: true }), isPartlyOnCpu: false };
  try {
    return { session: await open({ mayUseCpu: false }), isPartlyOnCpu: false };
  } catch (error) {
    if (!(error instanceof Error) || !LEFT_OVER.test(error.message)) throw error;
    return { session: await open({ mayUseCpu: true }), isPartlyOnCpu: true };
  }
}
