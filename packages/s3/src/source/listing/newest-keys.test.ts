import { expect, test } from "vitest";
import { NewestKeys } from "./newest-keys.ts";

test("the next listing begins so many keys before the last one", () => {
  const newest = new NewestKeys(2);
  expect(newest.after).toBeNull();
  newest.add(["k1", "k2"]);
  expect(newest.after).toBeNull();
  newest.add(["k5", "k4", "k3"]);
  expect(newest.after).toBe("k3");
  newest.add(["k5", "k0"]);
  expect(newest.after).toBe("k3");
});

test("with no look-back it begins behind the last key", () => {
  const newest = new NewestKeys(0);
  newest.add(["k2", "k9"]);
  expect(newest.after).toBe("k9");
});
