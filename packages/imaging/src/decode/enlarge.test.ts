import { expect, test } from "vitest";
import { enlarge } from "./enlarge.ts";

const crop = { fit: "shortest-edge", resize: 4, height: 4, width: 4 } as const;
const whole = { resizeWidth: 4, resizeHeight: 4, left: 0, top: 0 };

/** RGB of a picture whose rows are all these greys. */
function greys(...row: number[]): Uint8Array {
  const pixels = Array.from({ length: row.length }, () =>
    row.flatMap((grey) => [grey, grey, grey]),
  );
  return Uint8Array.from(pixels.flat());
}

// What Pillow 9.4 gives for `Image.resize((4, 4))` of the two columns.
test.each([
  ["bilinear", [10, 55, 145, 190]],
  ["bicubic", [0, 47, 153, 206]],
] as const)("%s places pixels as Pillow does", (interpolation, expected) => {
  const source = { data: greys(10, 190), width: 2, height: 2 };
  expect(enlarge(source, { ...crop, interpolation }, whole)).toEqual(
    Uint8Array.from(Array.from({ length: 4 }, () => expected.flatMap((v) => [v, v, v])).flat()),
  );
});

test("a picture of the same size stays as it is", () => {
  const data = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256);
  for (const interpolation of ["bilinear", "bicubic"] as const) {
    expect(enlarge({ data, width: 4, height: 4 }, { ...crop, interpolation }, whole)).toEqual(data);
  }
});

test("a crop is the same part of the whole", () => {
  const data = Uint8Array.from({ length: 7 * 5 * 3 }, (_, i) => (i * 91) % 256);
  const source = { data, width: 7, height: 5 };
  const spec = { ...crop, interpolation: "bicubic", width: 21, height: 20 } as const;
  const size = { resizeWidth: 21, resizeHeight: 20 };
  const all = enlarge(source, spec, { ...size, left: 0, top: 0 });
  const part = enlarge(source, { ...spec, width: 6, height: 5 }, { ...size, left: 9, top: 11 });
  for (let y = 0; y < 5; y++) {
    const from = ((11 + y) * 21 + 9) * 3;
    expect(part.subarray(y * 18, y * 18 + 18)).toEqual(all.subarray(from, from + 18));
  }
});
