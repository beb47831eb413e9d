const START_OF_IMAGE = Buffer.from([0xff, 0xd8]);
const COMMENT = [0xff, 0xfe];
/** The two bytes of the length and the four of the number. */
const COMMENT_BYTES = 6;

/**
 * The same JPEG with a comment that holds a number: other content, the same pixels and the same work. Contents that are under way
 * twice are classified once, so repeating a file would measure nothing. Null for what is no JPEG.
 */
export function distinctJpeg(bytes: Buffer, number: number): Buffer | null {
  if (!bytes.subarray(0, START_OF_IMAGE.length).equals(START_OF_IMAGE)) return null;
  const comment = Buffer.from([...COMMENT, 0, COMMENT_BYTES, 0, 0, 0, 0]);
  comment.writeUInt32BE(number, comment.length - 4);
  return Buffer.concat([START_OF_IMAGE, comment, bytes.subarray(START_OF_IMAGE.length)]);
}
