import fc from "fast-check";
import { expect, test } from "vitest";
import { PixelBudget } from "./pixel-budget.ts";

test("everybody gets a turn, in order, and together they stay within the budget unless one is alone", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 20 }),
      async (scheduler, sizes) => {
        const budget = new PixelBudget(100);
        const running: number[] = [];
        const started: number[] = [];
        const all = Promise.all(
          sizes.map(async (pixels, i) => {
            await budget.run(pixels, async () => {
              started.push(i);
              running.push(pixels);
              const sum = running.reduce((a, b) => a + b);
              expect(sum <= 100 || running.length === 1).toBe(true);
              await scheduler.schedule(Promise.resolve());
              running.splice(running.indexOf(pixels), 1);
            });
          }),
        );
        await scheduler.waitFor(all);
        expect(started).toEqual(sizes.map((_, i) => i));
      },
    ),
  );
});

test("work that fails gives its share back", async () => {
  const budget = new PixelBudget(100);
  const fail = async (): Promise<never> => await Promise.reject(new Error("corrupt"));
  await expect(budget.run(100, fail)).rejects.toThrow("corrupt");
  expect(await budget.run(100, async () => await Promise.resolve("done"))).toBe("done");
});
