import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { IMAGENET_LABELS } from "./imagenet-labels.ts";

test("the labels are torchvision's thousand, in its order", () => {
  expect(IMAGENET_LABELS).toHaveLength(1000);
  // python3 -c 'import hashlib, torchvision.models as m
  // names = m.ResNet50_Weights.IMAGENET1K_V1.meta["categories"]
  // print(hashlib.sha256("\n".join(names).encode()).hexdigest())'
  const digest = createHash("sha256").update(IMAGENET_LABELS.join("\n")).digest("hex");
  expect(digest).toBe("0b0f9fee7c952f257418d62aa701f023a9da13b443a14f5c4291e5724d92967c");
});

test("every class has a name of its own, so that a rule can name one", () => {
  expect(new Set(IMAGENET_LABELS).size).toBe(1000);
  expect([IMAGENET_LABELS[134], IMAGENET_LABELS[517]]).toEqual(["crane bird", "crane"]);
});
