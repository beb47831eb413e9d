import { InferenceSession } from "onnxruntime-node";
import { expect, test } from "vitest";
import type { DeviceSettings } from "./device-messages.ts";
import { isOutOfMemory } from "./out-of-memory.ts";
import { RowLimit } from "./row-limit.ts";
import { rowLimitOf, runSessions, type LoadedSession } from "./sessions.ts";
import { encodeTinyGraph } from "./testing/tiny-graph.ts";

const MAX_ROWS = 12;
const SIDE = 2;
const member = { model: "tiny", graphPath: "", spec: 0, classes: 2 };
const out = (): Error => new Error("BFCArena::AllocateRawInternal Failed to allocate memory");

/** A session on the CPU that notes how many rows it is given, and has memory for some of them only. */
async function openLimited(capacity: number): Promise<{ loaded: LoadedSession; sizes: number[] }> {
  const session = await InferenceSession.create(encodeTinyGraph({ factors: [1, 0.5] }));
  const sizes: number[] = [];
  const run = session.run.bind(session);
  session.run = async (feeds: Parameters<typeof run>[0], ...others: unknown[]) => {
    const rows = feeds["pixels"]?.dims[0] ?? 0;
    sizes.push(rows);
    if (rows > capacity) throw out();
    return await Reflect.apply(run, session, [feeds, ...others]);
  };
  const limit = new RowLimit({ maxRows: MAX_ROWS, isOutOfMemory });
  return { loaded: { member, session, isPartlyOnCpu: false, limit }, sizes };
}

/** Row i of the buffer is as grey as i. */
function settingsFor(provider: string): DeviceSettings {
  const memory = new SharedArrayBuffer(MAX_ROWS * SIDE * SIDE * 3);
  const pixels = new Uint8Array(memory);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.floor(i / (SIDE * SIDE * 3));
  return {
    members: [member],
    provider,
    specs: [{ height: SIDE, width: SIDE }],
    memory: [[memory], [memory]],
    maxRows: MAX_ROWS,
    intraOpThreads: 1,
  };
}

const expected = (rows: number): number[] =>
  Array.from({ length: rows }, (_, row) => [row / 255, row / 510]).flat();

test("a batch that is too large for the memory runs in pieces, and every row has its own numbers", async () => {
  const { loaded, sizes } = await openLimited(5);
  const [scores] = await runSessions([loaded], {
    settings: settingsFor("cpu"),
    rows: 11,
    buffer: 0,
  });
  expect(Array.from(scores!)).toEqual(expected(11).map((n) => expect.closeTo(n, 6)));
  expect(sizes).toEqual([11, 5, 5, 1]);
  expect(rowLimitOf([loaded])).toBe(5);
});

test("on a GPU sizes are padded, never beyond the memory or the buffer, and padding is cut off", async () => {
  const { loaded, sizes } = await openLimited(8);
  const settings = settingsFor("cuda");
  const [scores] = await runSessions([loaded], { settings, rows: 11, buffer: 1 });
  expect(Array.from(scores!)).toEqual(expected(11).map((n) => expect.closeTo(n, 6)));
  expect(sizes).toEqual([12, 5, 5, 1]);
  sizes.length = 0;
  const [few] = await runSessions([loaded], { settings, rows: 3, buffer: 0 });
  expect(few).toHaveLength(6);
  expect(sizes).toEqual([4]);
});

test("a single image that does not fit is an error of the device", async () => {
  const { loaded } = await openLimited(0);
  const running = runSessions([loaded], { settings: settingsFor("cpu"), rows: 4, buffer: 0 });
  await expect(running).rejects.toThrow("Failed to allocate memory");
});
