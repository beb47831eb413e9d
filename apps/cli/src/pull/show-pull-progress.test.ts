import { expect, test } from "vitest";
import { openTerminal } from "../terminal/terminal.ts";
import { showPullProgress } from "./show-pull-progress.ts";

const MIB = 1024 ** 2;

function watch(isTTY: boolean) {
  const written: string[] = [];
  const terminal = openTerminal({
    stdout: { write: () => undefined },
    stderr: { write: (text) => written.push(text), isTTY, columns: 120 },
  });
  let nowMs = 0;
  const show = showPullProgress(terminal, () => nowMs);
  const at = (ms: number, receivedMib: number): void => {
    nowMs = ms;
    show({ file: "resnet50.pth", receivedBytes: receivedMib * MIB, totalBytes: 100 * MIB });
  };
  return { written, at };
}

test("on a terminal one line is drawn anew, at most ten times a second, and at the end", () => {
  const { written, at } = watch(true);
  at(0, 0);
  at(50, 1);
  at(1000, 25);
  at(1050, 100);
  expect(written).toHaveLength(3);
  expect(written[1]).toContain(
    "resnet50.pth  █████░░░░░░░░░░░░░░░  25.0 MiB of 100 MiB  25 %  25.0 MiB/s",
  );
  expect(written[2]).toContain("100 %");
});

test("in a log there is a line every five seconds, and none for what is done sooner", () => {
  const { written, at } = watch(false);
  for (const second of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) at(second * 1000, second);
  expect(written.map((line) => /(\d+) %/u.exec(line)?.[1])).toEqual(["5", "10"]);
});

test("bytes of an earlier attempt do not count as speed", () => {
  const { written, at } = watch(true);
  at(0, 50);
  at(1000, 60);
  expect(written.at(-1)).toContain("60.0 MiB of 100 MiB  60 %  10.0 MiB/s");
});
