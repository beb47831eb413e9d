/** A tensor between two operations, batch dimension left out: `[channels, height, width]`, `[tokens, features]` or `[features]`. */
export interface Value {
  readonly id: number;
  readonly shape: readonly number[];
}

/** A learned tensor under its name in the state dict. */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  /** False for running statistics, which torch keeps as buffers and does not count as parameters. */
  readonly isTrained: boolean;
}

export interface Conv {
  readonly kind: "conv";
  readonly weight: Parameter;
  readonly bias: Parameter | null;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  /** Top, left, bottom, right, as ONNX orders them. */
  readonly pads: readonly [number, number, number, number];
  readonly dilation: number;
  readonly groups: number;
}

export interface BatchNorm {
  readonly kind: "batch-norm";
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly mean: Parameter;
  readonly variance: Parameter;
  readonly epsilon: number;
}

/** Over the last axis. */
export interface Linear {
  readonly kind: "linear";
  readonly weight: Parameter;
  readonly bias: Parameter | null;
}

export interface Pool {
  readonly kind: "max-pool" | "average-pool";
  readonly kernel: number;
  readonly stride: number;
  readonly pads: readonly [number, number, number, number];
  readonly isCeil: boolean;
  /** Average over the padding too, as torch does by default. */
  readonly countsPadding: boolean;
}

/** x * scale[c] + shift[c] per channel; constants of the definition, not learned. */
export interface Affine {
  readonly kind: "affine";
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

export interface Pointwise {
  readonly kind: "relu" | "relu6" | "sigmoid" | "hard-swish" | "hard-sigmoid";
}

/** x * Φ(x) with the normal distribution's Φ, not its tanh approximation; several nodes in ONNX. */
export interface Gelu {
  readonly kind: "gelu";
}

/** x * sigmoid(x); two nodes in ONNX. */
export interface Silu {
  readonly kind: "silu";
}

export interface Join {
  readonly kind: "add" | "multiply" | "concat";
}

export interface Reshape {
  /**
   * `tokens`: `[channels, height, width]` becomes `[height * width, channels]`; `first-token`: `[tokens, features]`
   * becomes `[features]`.
   */
  readonly kind: "global-average-pool" | "flatten" | "tokens" | "first-token";
}

/** Over the features of each token. */
export interface LayerNorm {
  readonly kind: "layer-norm";
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly epsilon: number;
}

/** `prepend`: a learned token before the others; `shift`: a learned number added to each feature of each token. */
export interface Learned {
  readonly kind: "prepend" | "shift";
  readonly value: Parameter;
}

/** Scaled dot products of queries, keys and values that lie side by side: `[tokens, 3 * features]` to `[tokens, features]`. */
export interface Attention {
  readonly kind: "attention";
  readonly heads: number;
}

/**
 * fastai's SimpleSelfAttention over `[channels, height, width]`, pixels as columns of X: `γ·X·Xᵀ·W·X + X`, where W is the
 * stored matrix divided by its spectral norm `u·W·v`.
 */
export interface ChannelAttention {
  readonly kind: "channel-attention";
  readonly weight: Parameter;
  readonly u: Parameter;
  readonly v: Parameter;
  readonly gamma: Parameter;
}

export type Operation =
  | Conv
  | BatchNorm
  | Linear
  | Pool
  | Affine
  | Pointwise
  | Silu
  | Gelu
  | Join
  | Reshape
  | LayerNorm
  | Learned
  | Attention
  | ChannelAttention;

/** One step of the network: what is done, to which values, giving which. */
export interface Step {
  readonly operation: Operation;
  readonly inputs: readonly Value[];
  readonly output: Value;
}

/** A whole network, in the order of computation. */
export interface Graph {
  readonly input: Value;
  readonly steps: readonly Step[];
  /** `[classes]`. */
  readonly logits: Value;
  /** `[features]`: what the classifier reads. */
  readonly embeddings: Value;
}
