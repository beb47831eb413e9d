import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { isClaimAlive, ownIdentity } from "./process-identity.ts";

const when = { claimedAtMs: 0, nowMs: 1_000 };

test("a claim lives exactly as long as its process", async () => {
  expect(isClaimAlive(ownIdentity(), when)).toBe(true);
  const source = new URL("process-identity.ts", import.meta.url).href;
  const code = `import { ownIdentity } from ${JSON.stringify(source)}; console.log(ownIdentity()); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code]);
  const [identity] = await once(child.stdout, "data");
  expect(isClaimAlive(String(identity), when)).toBe(true);
  child.kill("SIGKILL");
  await once(child, "close");
  expect(isClaimAlive(String(identity), when)).toBe(false);
});

test("a process that has the same id after another boot, or later, is somebody else", () => {
  const [boot, space, pid, started] = JSON.parse(ownIdentity());
  expect(isClaimAlive(JSON.stringify(["other", space, pid, started]), when)).toBe(false);
  expect(isClaimAlive(JSON.stringify([boot, space, pid, "1"]), when)).toBe(false);
});

test("a process in another container counts as alive while it renews its claim", () => {
  const [boot, , pid, started] = JSON.parse(ownIdentity());
  const foreign = JSON.stringify([boot, "pid:[1]", pid, started]);
  expect(isClaimAlive(foreign, when)).toBe(true);
  expect(isClaimAlive(foreign, { claimedAtMs: 0, nowMs: 15_001 })).toBe(false);
});

test("identities are read from /proc on this system", () => {
  expect(execFileSync("uname").toString()).toBe("Linux\n");
  expect(JSON.parse(ownIdentity())).not.toContain("");
});
