import { encodePng } from "../pictures/encode-png.ts";

/** As many as the larger batch that is timed. */
const PROBES = 8;
const WIDTH = 320;
const HEIGHT = 240;

type Colour = readonly [red: number, green: number, blue: number];

const COLOURS: readonly Colour[] = [
  [208, 32, 48],
  [32, 160, 64],
  [32, 64, 208],
  [224, 192, 32],
  [16, 16, 16],
  [240, 240, 240],
  [160, 48, 176],
  [48, 176, 192],
];

/**
 * Pictures as unlike each other as drawings can be: background, disc and stripes of other colours, sizes and places in each. PNG,
 * 320 × 240; the same bytes every time.
 */
export function drawProbes(): Buffer[] {
  return Array.from({ length: PROBES }, (_, i) =>
    encodePng({ width: WIDTH, height: HEIGHT, kind: "rgb", rows: drawRows(i) }),
  );
}

function drawRows(i: number): Buffer {
  const stride = 1 + WIDTH * 3;
  const rows = Buffer.alloc(stride * HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) rows.set(colourAt(i, x, y), y * stride + 1 + x * 3);
  }
  return rows;
}

function colourAt(i: number, x: number, y: number): Colour {
  const isInDisc = Math.hypot(x - (60 + 25 * i), y - (180 - 15 * i)) < 30 + 8 * i;
  const isInStripe = (x * (i % 3) + y * (1 + (i % 2))) % (24 + 8 * i) < 6 + i;
  const step = isInDisc ? 3 : isInStripe ? 5 : 0;
  return COLOURS[(i + step) % COLOURS.length] ?? [0, 0, 0];
}
