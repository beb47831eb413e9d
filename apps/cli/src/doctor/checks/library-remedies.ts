interface Source {
  readonly pattern: RegExp;
  /** What it is. */
  readonly name: string;
  /** Package in NVIDIA's repository for Debian, Ubuntu and the like; `N` is the major version of CUDA. */
  readonly deb: string;
  /** Package on PyPI, whose libraries need no root but LD_LIBRARY_PATH. */
  readonly pip: string;
}

/** Where each library comes from. Names as NVIDIA publishes them for CUDA 13. */
const SOURCES: readonly Source[] = [
  {
    pattern: /^libcudart\./u,
    name: "CUDA runtime",
    deb: "cuda-cudart-N-0",
    pip: "nvidia-cuda-runtime",
  },
  { pattern: /^libcublas(?:Lt)?\./u, name: "cuBLAS", deb: "libcublas-N-0", pip: "nvidia-cublas" },
  { pattern: /^libcurand\./u, name: "cuRAND", deb: "libcurand-N-0", pip: "nvidia-curand" },
  { pattern: /^libcufft\./u, name: "cuFFT", deb: "libcufft-N-0", pip: "nvidia-cufft" },
  { pattern: /^libcudnn/u, name: "cuDNN", deb: "libcudnn9-cuda-N", pip: "nvidia-cudnn-cuN" },
  { pattern: /^libnvinfer/u, name: "TensorRT", deb: "libnvinfer10", pip: "'tensorrt-cuN<11'" },
  {
    pattern: /^libnvonnxparser/u,
    name: "TensorRT",
    deb: "libnvonnxparsers10",
    pip: "'tensorrt-cuN<11'",
  },
];

/** Of the provider libraries that go with onnxruntime-node 1.30, which are the CUDA 13 ones. */
const DEFAULT_CUDA = "13";

/**
 * How to get libraries that are missing, in one sentence.
 *
 * @param names sonames such as `libcublas.so.13`
 */
export function remedyFor(names: readonly string[]): string {
  const cuda = cudaVersion(names);
  const sources = names.flatMap((name) => SOURCES.filter(({ pattern }) => pattern.test(name)));
  const steps: string[] = [];
  if (names.some((name) => name.startsWith("libcuda.so"))) {
    steps.push(
      "libcuda.so.1 comes with NVIDIA's driver (in a container: with the NVIDIA Container Toolkit, --gpus)",
    );
  }
  const debs = unique(sources.map(({ deb }) => deb.replace("N", cuda)));
  const pips = unique(sources.map(({ pip }) => pip.replace("N", cuda)));
  if (debs.length > 0) {
    steps.push(
      `apt install ${debs.join(" ")} (NVIDIA's repository), or pip install ${pips.join(" ")} and name their lib folders in LD_LIBRARY_PATH`,
    );
  }
  const others = names.filter(
    (name) => !name.startsWith("libcuda.so") && !SOURCES.some(({ pattern }) => pattern.test(name)),
  );
  if (others.length > 0) steps.push(`install the packages that hold ${others.join(", ")}`);
  return steps.join("; ");
}

/** The CUDA libraries carry its major version in their names. */
function cudaVersion(names: readonly string[]): string {
  for (const name of names) {
    const version = /^lib(?:cudart|cublas|cublasLt)\.so\.(?<major>\d{1,3})/u.exec(name)?.groups;
    if (version?.["major"] !== undefined) return version["major"];
  }
  return DEFAULT_CUDA;
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
