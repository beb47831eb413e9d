import { expect, test } from "vitest";
import { isOutOfMemory } from "./out-of-memory.ts";

test.each([
  // As onnxruntime-node 1.30 on a CPU said it of 24 GiB that were not there.
  "Non-zero status code returned while running Cast node. Name:'' Status Message: /onnxruntime_src/onnxruntime/core/framework/bfc_arena.cc:360 void* onnxruntime::BFCArena::AllocateRawInternal(size_t, bool, onnxruntime::Stream*) Failed to allocate memory for requested buffer of size 25769803776",
  "Available memory of 1024 is smaller than requested bytes of 4096",
  "CUDA failure 2: out of memory ; GPU=0 ; hostname=h",
  "CUDNN failure 4002: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED ; GPU=0",
  "CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED ; GPU=0",
  "std::bad_alloc",
])("%s", (message) => {
  expect(isOutOfMemory(new Error(message))).toBe(true);
});

test.each([
  "CUDA failure 700: an illegal memory access was encountered ; GPU=0",
  "CUDA failure 100: no CUDA-capable device is detected",
  "Load model from x.onnx failed:Protobuf parsing failed.",
  "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library",
])("not: %s", (message) => {
  expect(isOutOfMemory(new Error(message))).toBe(false);
});
