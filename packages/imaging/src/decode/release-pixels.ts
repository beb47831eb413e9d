/**
 * Gives the memory of decoded pixels back at once; they must not be used any more. Left to the garbage collector, the steps of
 * large pictures (1.8 MB each) make it mark the whole heap every 25 pictures.
 *
 * Bytes that share their memory with others are left alone.
 */
export function releasePixels(data: Uint8Array): void {
  const { buffer } = data;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === data.byteLength) buffer.transfer(0);
}
