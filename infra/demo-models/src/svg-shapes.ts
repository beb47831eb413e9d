/** A point of a drawing, x to the right, y down. */
export type Point = readonly [x: number, y: number];

/** One decimal is below a tenth of a pixel at every scale in use, and keeps the text short and equal on every engine. */
export function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A point on a circle around the origin; the angle is in turns, 0 points up. */
export function polar(radius: number, turns: number): Point {
  const angle = turns * 2 * Math.PI;
  return [radius * Math.sin(angle), -radius * Math.cos(angle)];
}

export function circle(center: Point, radius: number, attributes: string): string {
  return `<circle cx="${fixed(center[0])}" cy="${fixed(center[1])}" r="${fixed(radius)}" ${attributes}/>`;
}

export function rectangle(
  corner: Point,
  size: readonly [width: number, height: number],
  attributes: string,
): string {
  return `<rect x="${fixed(corner[0])}" y="${fixed(corner[1])}" width="${fixed(size[0])}" height="${fixed(size[1])}" ${attributes}/>`;
}

export function polygon(points: readonly Point[], attributes: string): string {
  const text = points.map(([x, y]) => `${fixed(x)},${fixed(y)}`).join(" ");
  return `<polygon points="${text}" ${attributes}/>`;
}

/** `data` is SVG path data, already rounded. */
export function path(data: string, attributes: string): string {
  return `<path d="${data}" ${attributes}/>`;
}

export function group(content: string, transform: string): string {
  return `<g transform="${transform}">${content}</g>`;
}
