import fc from "fast-check";
import { expect, test } from "vitest";
import type { Lane } from "@sluice/contracts";
import { BatchAssembler, releaseReason, type Row } from "./batch-assembler.ts";

interface Image {
  readonly id: number;
  readonly lane: Lane;
  readonly frames: number;
}

type Step = { readonly type: "add"; readonly image: Image } | { readonly type: "take" };

const steps = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          lane: fc.constantFrom<Lane>("live", "bulk"),
          frames: fc.integer({ min: 1, max: 9 }),
        }),
      },
      { weight: 1, arbitrary: fc.constant("take" as const) },
    ),
    { maxLength: 80 },
  )
  .map((all) =>
    all.map((step, id): Step =>
      step === "take" ? { type: "take" } : { type: "add", image: { id, ...step } },
    ),
  );

/** Plays the steps and then empties it; gives the batches and, per batch, the images that were added before it. */
function play(all: readonly Step[], maxRows: number) {
  const assembler = new BatchAssembler<Image>({ maxRows });
  const batches: (readonly Row<Image>[])[] = [];
  const added: Image[] = [];
  const take = (): void => {
    const rows = assembler.take();
    if (rows.length > 0) batches.push(rows);
    assembler.place();
  };
  for (const step of all) {
    if (step.type === "take") take();
    else {
      added.push(step.image);
      assembler.add(step.image.lane, step.image, step.image.frames);
      assembler.place();
    }
    expect(assembler.filledRows).toBeLessThanOrEqual(maxRows);
    expect(assembler.hasOverflow && !assembler.isFull).toBe(false);
  }
  while (assembler.filledRows > 0) take();
  return { batches, added };
}

const maxRows = fc.integer({ min: 1, max: 12 });

test("every frame gets exactly one row, and no batch has more rows than it may", () => {
  fc.assert(
    fc.property(steps, maxRows, (all, max) => {
      const { batches, added } = play(all, max);
      const rows = batches.flat().map(({ image, row }) => `${image.id}/${row}`);
      const expected = added.flatMap(({ id, frames }) =>
        Array.from({ length: frames }, (_, frame) => `${id}/${frame}`),
      );
      expect(rows.toSorted()).toEqual(expected.toSorted());
      for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(max);
    }),
  );
});

test("order within a lane is kept, frame by frame", () => {
  fc.assert(
    fc.property(steps, maxRows, (all, max) => {
      const { batches, added } = play(all, max);
      for (const lane of ["live", "bulk"] as const) {
        const rows = batches.flat().filter(({ image }) => image.lane === lane);
        const expected = added
          .filter((image) => image.lane === lane)
          .flatMap(({ id, frames }) => Array.from({ length: frames }, (_, frame) => [id, frame]));
        expect(rows.map(({ image, row }) => [image.id, row])).toEqual(expected);
      }
    }),
  );
});

test("a bulk frame never takes a row while a live one waits", () => {
  fc.assert(
    fc.property(steps, maxRows, (all, max) => {
      const assembler = new BatchAssembler<Image>({ maxRows: max });
      let liveFramesLeft = 0;
      const liveWaitingAtBulkRows: number[] = [];
      const place = (): void => {
        for (const { image } of assembler.place()) {
          if (image.lane === "live") liveFramesLeft -= 1;
          else liveWaitingAtBulkRows.push(liveFramesLeft);
        }
      };
      for (const step of all) {
        if (step.type === "add") {
          if (step.image.lane === "live") liveFramesLeft += step.image.frames;
          assembler.add(step.image.lane, step.image, step.image.frames);
        } else assembler.take();
        place();
      }
      expect(liveWaitingAtBulkRows.filter((count) => count > 0)).toEqual([]);
    }),
  );
});

test.each([
  [{ isFull: true, wasIdle: true, hasMoreImages: true }, "full"],
  [{ isFull: false, wasIdle: true, hasMoreImages: true }, "idle"],
  [{ isFull: false, wasIdle: false, hasMoreImages: true }, "ready"],
  [{ isFull: false, wasIdle: false, hasMoreImages: false }, "drain"],
] as const)("%o is released as %s", (state, reason) => {
  expect(releaseReason(state)).toBe(reason);
});
