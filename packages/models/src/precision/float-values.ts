/** The numbers of a float32 tensor; copied, because a file's tensors may lie at odd addresses. */
export function floatValues({ data }: { readonly data: Uint8Array }): Float32Array {
  const copy = new Uint8Array(data.byteLength);
  copy.set(data);
  return new Float32Array(copy.buffer);
}

/** The bytes of numbers, as a tensor holds them; not copied. */
export function bytesOf(values: Float32Array | Int8Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
