/** Frames that are decoded in one go: the first one, from 0, and how many. */
export interface FrameWindow {
  readonly page: number;
  readonly pages: number;
}

/**
 * Most pixels of an animation that are held decoded at a time: 96 MB. The decoder plays an animation from its first frame
 * whichever one is asked for, so frame by frame takes time with the square of their number: 64 frames of 1.2 megapixels took 23 s
 * as GIF and minutes as WebP, in windows of this size 1.4 s and 9.3 s. Much smaller windows bring that back; larger ones
 * cost memory.
 */
const MAX_WINDOW_PIXELS = 32_000_000;

/** Cuts an animation into windows that together hold every frame once, in order. */
export function planWindows(animation: {
  readonly frames: number;
  readonly pixelsPerFrame: number;
}): FrameWindow[] {
  const { frames, pixelsPerFrame } = animation;
  const most = Math.max(1, Math.floor(MAX_WINDOW_PIXELS / pixelsPerFrame));
  const windows: FrameWindow[] = [];
  for (let page = 0; page < frames; page += most) {
    windows.push({ page, pages: Math.min(most, frames - page) });
  }
  return windows;
}
