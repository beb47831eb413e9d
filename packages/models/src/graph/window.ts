/** Positions of a convolution window over `size` pixels with `padding` pixels added in all. */
export function slide(
  size: number,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): number {
  return Math.floor((size + padding - kernel) / stride) + 1;
}

/**
 * Positions of a pooling window as torch counts them: rounded up with `isCeil`, except that a window may
 * not begin in the padding behind the picture.
 */
export function poolOutput(
  size: number,
  window: { kernel: number; stride: number; padding: number; isCeil: boolean },
): number {
  const { kernel, stride, padding, isCeil } = window;
  const span = size + 2 * padding - kernel;
  if (!isCeil) return Math.floor(span / stride) + 1;
  const count = Math.ceil(span / stride) + 1;
  return (count - 1) * stride >= size + padding ? count - 1 : count;
}

/** Pixels that TensorFlow's "SAME" adds before and behind, so that there are `ceil(size / stride)` positions. */
export function samePadding(
  size: number,
  { kernel, stride }: { kernel: number; stride: number },
): readonly [before: number, behind: number] {
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}
