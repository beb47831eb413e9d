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

// What Pillow 9.4 gives for `Image.resize((4, 4))` of the two columns; libvips repeats the edge where Pillow cuts its filter.
test.each([
  ["bilinear", [10, 55, 145, 190]],
  ["bicubic", [0, 47, 153, 206]],
] as const)("%s places pixels as Pillow does", async (interpolation, pillow) => {
  const source = { data: greys(10, 190), width: 2, height: 2 };
  const pixels = await enlarge(source, { ...crop, interpolation }, [whole]);
  for (const [x, expected] of pillow.entries()) {
    expect(Math.abs(pixels[x * 3]! - expected)).toBeLessThanOrEqual(
      interpolation === "bilinear" ? 1 : 8,
    );
  }
});

test("a picture of the same size stays as it is", async () => {
  const data = Uint8Array.from({ length: 48 }, (_, i) => (i * 37) % 256);
  for (const interpolation of ["bilinear", "bicubic"] as const) {
    const spec = { ...crop, interpolation };
    const same = await enlarge({ data, width: 4, height: 4 }, spec, [whole]);
    expect([...same]).toEqual([...data]);
  }
});

test("crops are the same parts of the whole", async () => {
  const data = Uint8Array.from({ length: 7 * 5 * 3 }, (_, i) => (i * 91) % 256);
  const source = { data, width: 7, height: 5 };
  const spec = { ...crop, interpolation: "bicubic", width: 21, height: 20 } as const;
  const size = { resizeWidth: 21, resizeHeight: 20 };
  const all = await enlarge(source, spec, [{ ...size, left: 0, top: 0 }]);
  const small = { ...spec, width: 6, height: 5 };
  const crops = [
    { ...size, left: 9, top: 11 },
    { ...size, left: 15, top: 0 },
  ];
  for (const wanted of [crops, crops.slice(0, 1)]) {
    const parts = await enlarge(source, small, wanted);
    for (const [i, { left, top }] of wanted.entries()) {
      for (let y = 0; y < 5; y++) {
        const from = ((top + y) * 21 + left) * 3;
        const row = [...parts.subarray((i * 5 + y) * 18, (i * 5 + y) * 18 + 18)];
        expect(row).toEqual([...all.subarray(from, from + 18)]);
      }
    }
  }
});
