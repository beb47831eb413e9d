import { createHash } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { drawPicture } from "./draw-picture.ts";
import { PICTURE_KINDS } from "./picture-kind.ts";

const anyPictureId = fc.record({
  seed: fc.nat(),
  kind: fc.constantFrom(...PICTURE_KINDS),
  index: fc.nat({ max: 100_000 }),
});

describe("drawPicture", () => {
  it("draws the same picture again from the same id", () => {
    fc.assert(
      fc.property(anyPictureId, (id) => {
        expect(drawPicture(id)).toEqual(drawPicture(id));
      }),
    );
  });

  it("draws the pictures that the committed weights were trained on", () => {
    const hash = createHash("sha256");
    for (const kind of PICTURE_KINDS) {
      for (let index = 0; index < 20; index += 1)
        hash.update(drawPicture({ seed: 1, kind, index }).svg);
    }
    expect(hash.digest("hex")).toBe(
      "8d3aa2967e98eba0ad0e06f68735f8bc646596a6b49b9f3e3613411100d7fa55",
    );
  });

  it("draws a different picture for another seed, kind or index", () => {
    const id = { seed: 1, kind: "target", index: 0 } as const;
    const { svg } = drawPicture(id);
    expect(drawPicture({ ...id, seed: 2 }).svg).not.toBe(svg);
    expect(drawPicture({ ...id, kind: "fish" }).svg).not.toBe(svg);
    expect(drawPicture({ ...id, index: 1 }).svg).not.toBe(svg);
  });

  it("keeps sizes, quality and blur within what it promises", () => {
    fc.assert(
      fc.property(anyPictureId, (id) => {
        const { width, height, quality, blurSigma } = drawPicture(id);
        for (const side of [width, height]) expect(side >= 160 && side <= 900).toBe(true);
        expect(quality >= 35 && quality <= 95).toBe(true);
        expect(blurSigma >= 0 && blurSigma <= 6).toBe(true);
      }),
    );
  });

  it("writes no text, no reference to a file and no unfinished number", () => {
    fc.assert(
      fc.property(anyPictureId, (id) => {
        expect(drawPicture(id).svg).not.toMatch(/<text|href|NaN|undefined|Infinity/);
      }),
    );
  });
});
