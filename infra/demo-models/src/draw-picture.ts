import { type Canvas, drawBackground, drawGrain } from "./background.ts";
import { drawClutter } from "./clutter.ts";
import { choosePalette, type Palette } from "./palette.ts";
import { KIND_DRAWINGS, type PictureKind } from "./picture-kind.ts";
import { createSeededRandom, type SeededRandom } from "./seeded-random.ts";
import { fixed, group } from "./svg-shapes.ts";

export interface PictureId {
  readonly seed: number;
  readonly kind: PictureKind;
  readonly index: number;
}

/** A drawn picture and the treatment that makes it look like an upload. */
export interface DrawnPicture {
  readonly kind: PictureKind;
  readonly svg: string;
  /** Pixels, 160 to 900. */
  readonly width: number;
  readonly height: number;
  /** JPEG or WebP quality, 35 to 95. */
  readonly quality: number;
  /** Gaussian blur in pixels, 0 for none. */
  readonly blurSigma: number;
}

/** Draws one picture; the same id gives the same picture, byte for byte, on every machine. */
export function drawPicture({ seed, kind, index }: PictureId): DrawnPicture {
  const random = createSeededRandom(`${seed}/${kind}/${index}`);
  const canvas = chooseCanvas(random);
  const short = Math.min(canvas.width, canvas.height);
  const palette = choosePalette(random);
  const behind = {
    ...canvas,
    count: random.integer(2, 14),
    minSize: short * 0.04,
    maxSize: short * 0.22,
  };
  const before = {
    ...canvas,
    count: random.integer(0, 5),
    minSize: short * 0.03,
    maxSize: short * 0.11,
  };
  const content = [
    drawBackground(random, palette, canvas),
    drawClutter(random, behind),
    placeFigure({ random, palette, canvas, kind }),
    drawClutter(random, before),
    random.chance(0.5) ? drawGrain(random, canvas) : "",
  ].join("");
  return {
    kind,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${canvas.width}" height="${canvas.height}">${content}</svg>`,
    ...canvas,
    quality: random.integer(35, 95),
    blurSigma: random.chance(0.3) ? (short * random.between(0.5, 6)) / 900 : 0,
  };
}

/** The longer side is 160 to 900 pixels, small ones more often; the shorter at least 160 and five ninths of it. */
function chooseCanvas(random: SeededRandom): Canvas {
  const long = Math.round(160 + 740 * random.between(0, 1) ** 1.6);
  const short = Math.max(160, Math.round(long * random.between(0.56, 1)));
  return random.chance(0.65) ? { width: long, height: short } : { width: short, height: long };
}

interface Placement {
  readonly random: SeededRandom;
  readonly palette: Palette;
  readonly canvas: Canvas;
  readonly kind: PictureKind;
}

/** Puts the figure near the centre of the canvas, where a square centre crop still shows most of it. */
function placeFigure({ random, palette, canvas, kind }: Placement): string {
  const { draw, maxTurnDegrees } = KIND_DRAWINGS[kind];
  const short = Math.min(canvas.width, canvas.height);
  const radius = short * random.between(0.26, 0.46);
  const x = canvas.width / 2 + short * random.between(-0.12, 0.12);
  const y = canvas.height / 2 + short * random.between(-0.12, 0.12);
  const turn = fixed(random.between(-maxTurnDegrees, maxTurnDegrees));
  const scaleX = (radius / 100) * random.between(0.85, 1.15);
  const scaleY = (radius / 100) * random.between(0.85, 1.15);
  const stroke = random.chance(0.5)
    ? `stroke="${palette.outline}" stroke-width="${fixed(random.between(1, 5))}"`
    : "";
  const scale = `scale(${scaleX.toFixed(3)} ${scaleY.toFixed(3)})`;
  return group(
    draw({ random, palette, stroke }),
    `translate(${fixed(x)} ${fixed(y)}) rotate(${turn}) ${scale}`,
  );
}
