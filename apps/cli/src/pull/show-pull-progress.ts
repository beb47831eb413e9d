import type { DownloadProgress } from "@sluice/model-hub";
import { escapeControls } from "../terminal/escape-controls.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { formatBytes } from "./format-bytes.ts";

/** Often enough to look alive, seldom enough to cost nothing. */
const TERMINAL_INTERVAL_MS = 100;
const LOG_INTERVAL_MS = 5000;

/**
 * Draws one line on a terminal; elsewhere (a log, a unit's journal) says one every few seconds.
 *
 * @param now milliseconds from any start
 */
export function showPullProgress(
  terminal: Terminal,
  now: () => number,
): (progress: DownloadProgress) => void {
  let file = "";
  let begun = { atMs: 0, bytes: 0 };
  let shownAtMs = 0;
  return (progress) => {
    const atMs = now();
    const isNew = progress.file !== file;
    if (isNew) {
      file = progress.file;
      begun = { atMs, bytes: progress.receivedBytes };
      shownAtMs = atMs;
    }
    const interval = terminal.isInteractive ? TERMINAL_INTERVAL_MS : LOG_INTERVAL_MS;
    const isLast = progress.receivedBytes === progress.totalBytes && terminal.isInteractive;
    if (atMs - shownAtMs < interval && !isLast && !(isNew && terminal.isInteractive)) return;
    shownAtMs = atMs;
    const line = formatProgress(progress, { begun, atMs });
    if (terminal.isInteractive) terminal.showProgress(line);
    else terminal.say(line);
  };
}

const BAR_WIDTH = 20;

/** `resnet50-0676ba61.pth  ██████░░░░  45 of 98 MiB  46 %  12 MiB/s`. */
function formatProgress(
  { file, receivedBytes, totalBytes }: DownloadProgress,
  { begun, atMs }: { begun: { atMs: number; bytes: number }; atMs: number },
): string {
  const seconds = (atMs - begun.atMs) / 1000;
  const rate = seconds > 0 ? (receivedBytes - begun.bytes) / seconds : 0;
  const speed = `${formatBytes(rate)}/s`;
  const received = formatBytes(receivedBytes);
  if (totalBytes === null || totalBytes === 0) {
    return `${escapeControls(file)}  ${received}  ${speed}`;
  }
  const share = receivedBytes / totalBytes;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const percent = `${Math.floor(share * 100)} %`;
  return `${escapeControls(file)}  ${bar}  ${received} of ${formatBytes(totalBytes)}  ${percent}  ${speed}`;
}
