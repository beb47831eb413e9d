/**
 * Whether ONNX Runtime failed for want of memory. Its JavaScript errors carry a message and nothing else, so this is the one place where
 * message text is matched: of its own allocators (`BFCArena`), of the C++ library, and of CUDA, cuBLAS, cuDNN and TensorRT.
 */
const OUT_OF_MEMORY = [
  /BFCArena/u,
  /failed to allocate memory/iu,
  /available memory of \d+ is smaller than requested/iu,
  /bad_?alloc/u,
  /\bout of memory\b/iu,
  /cudaErrorMemoryAllocation|outofmemory/iu,
  /CU(?:BLAS|DNN)_STATUS_(?:INTERNAL_ERROR_)?(?:DEVICE_|HOST_)?ALLOC(?:ATION)?_FAILED/u,
];

export function isOutOfMemory(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error);
  return OUT_OF_MEMORY.some((pattern) => pattern.test(text));
}
