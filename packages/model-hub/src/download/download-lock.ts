import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { DownloadInProgressError } from "../model-hub-error.ts";
import { readProcessMark } from "./process-mark.ts";

/**
 * Holds a place of the cache while it is being fetched, so that two commands do not write into one partial file. A
 * lock whose process is gone (killed, lost power) is taken over.
 *
 * @throws DownloadInProgressError while another process holds it
 */
export async function lockPlace(place: string): Promise<AsyncDisposable> {
  const path = `${place}.lock`;
  const owner = [process.pid, hostname(), await readProcessMark(process.pid)].join(" ");
  if (!(await claim(path, owner))) {
    const other = await readFile(path, "utf8").catch(() => ""); // Released in this moment.
    if (await isAlive(other)) throw inProgress(place, other);
    await rm(path, { force: true });
    if (!(await claim(path, owner))) throw inProgress(place, "another");
  }
  return { [Symbol.asyncDispose]: async () => await rm(path, { force: true }) };
}

async function claim(path: string, owner: string): Promise<boolean> {
  try {
    await writeFile(path, owner, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** Of a process on another host nobody here can tell; it counts as alive. */
async function isAlive(owner: string): Promise<boolean> {
  const [pid = "", host = "", mark = ""] = owner.split(" ");
  if (!/^[1-9]\d{0,9}$/u.test(pid)) return false;
  return host !== hostname() || (await readProcessMark(Number(pid))) === mark;
}

function inProgress(place: string, owner: string): DownloadInProgressError {
  return new DownloadInProgressError(
    `${place}: is being fetched by process ${owner.split(" ").slice(0, 2).join(" on ")}; wait for it, or remove ${place}.lock if it is gone`,
  );
}
