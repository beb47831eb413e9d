/**
 * Which frames of an animation are looked at. `all`: each. `first`: the first one. `sample:N`: N of them, spread evenly, the
 * first and the last among them; all where there are no more than N.
 */
export type Frames = "first" | "all" | `sample:${number}`;

/**
 * Numbers of the frames that are looked at, from 0, ascending.
 *
 * @param count frames that the picture has, at least 1
 */
export function chooseFrames(frames: Frames, count: number): readonly number[] {
  const most = mostFrames(frames);
  if (count <= most) return Array.from({ length: count }, (_, frame) => frame);
  if (most === 1) return [0];
  return Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)));
}

function mostFrames(frames: Frames): number {
  if (frames === "all") return Infinity;
  if (frames === "first") return 1;
  return Math.max(1, Math.floor(Number(frames.slice("sample:".length))));
}
