import sharp from "sharp";

export interface AnimatedGifOptions {
  /** Time each frame is shown, in milliseconds; GIF keeps hundredths of a second. */
  readonly frameDelayMs: number;
}

/** Renders SVGs of one size as the frames of an endless GIF. */
export async function encodeAnimatedGif(
  frameSvgs: readonly string[],
  { frameDelayMs }: AnimatedGifOptions,
): Promise<Buffer> {
  const frames = await Promise.all(
    frameSvgs.map((svg) =>
      sharp(Buffer.from(svg)).flatten({ background: "white" }).png().toBuffer(),
    ),
  );
  // Equal neighbouring frames are kept, so that the number of frames is the number of drawings.
  return sharp(frames, { join: { animated: true } })
    .gif({ delay: frames.map(() => frameDelayMs), loop: 0, effort: 2, keepDuplicateFrames: true })
    .toBuffer();
}
