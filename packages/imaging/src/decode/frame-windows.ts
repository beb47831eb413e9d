/** Frames that are decoded in one go: the first one, from 0, and how many. */
export interface FrameWindow {
  readonly page: number;
  readonly pages: number;
  /** Those among them that somebody looks at, ascending; the others only lie between. */
  readonly numbers: readonly number[];
}

/**
 * Most pixels of an animation that are held decoded at a time: 96 MB. The decoder plays an animation from its first frame
 * whichever one is asked for, so frame by frame takes time with the square of their number: 64 frames of 1.2 megapixels took 23 s
 * as GIF and minutes as WebP, in windows of this size 1.4 s and 9.3 s. Much smaller windows bring that back; larger ones
 * cost memory.
 */
const MAX_WINDOW_PIXELS = 32_000_000;

/**
 * Cuts an animation into windows that together hold every frame that somebody looks at once, in order. A window begins and ends
 * with such a frame.
 *
 * @param animation `numbers`: of those frames, ascending
 */
export function planWindows(animation: {
  readonly numbers: readonly number[];
  readonly pixelsPerFrame: number;
}): FrameWindow[] {
  const most = Math.max(1, Math.floor(MAX_WINDOW_PIXELS / animation.pixelsPerFrame));
  const windows: FrameWindow[] = [];
  let numbers: number[] = [];
  for (const number of animation.numbers) {
    const [page = number] = numbers;
    if (number - page >= most) {
      windows.push(windowOf(numbers));
      numbers = [];
    }
    numbers.push(number);
  }
  return numbers.length === 0 ? windows : [...windows, windowOf(numbers)];
}

function windowOf(numbers: readonly number[]): FrameWindow {
  const page = numbers[0] ?? 0;
  return { page, pages: (numbers.at(-1) ?? page) - page + 1, numbers };
}
