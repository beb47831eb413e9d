import fc from "fast-check";
import { expect, test } from "vitest";
import { ModelReferenceError } from "./model-hub-error.ts";
import { parseModelReference } from "./model-reference.ts";

test.each<[string, object]>([
  ["torchvision:resnet50", { kind: "torchvision", name: "resnet50", weights: "v1" }],
  ["torchvision:ResNet50@V2", { kind: "torchvision", name: "resnet50", weights: "v2" }],
  ["torchvision:vgg16@IMAGENET1K_V1", { kind: "torchvision", name: "vgg16", weights: "v1" }],
  ["timm/resnet18.a1_in1k", { kind: "hub", repo: "timm/resnet18.a1_in1k", revision: "main" }],
  ["owner/cats@refs/pr/1", { kind: "hub", repo: "owner/cats", revision: "refs/pr/1" }],
  [
    "https://example.org/a%20b.pth?x=1#y",
    { kind: "https", url: "https://example.org/a%20b.pth?x=1" },
  ],
  ["http://127.0.0.1:80/a.pt", { kind: "https", url: "http://127.0.0.1/a.pt" }],
])("%s", (text, expected) => {
  expect(parseModelReference(text)).toEqual(expected);
});

test.each<[string, RegExp]>([
  ["resnet50", /names no model: expected torchvision:<name>, <owner>\/<repository>, or https/u],
  ["../etc/passwd", /names no model/u],
  ["a/../b", /names no model/u],
  ["owner/cats@../../x", /revision/u],
  ["owner/cats@.git", /revision/u],
  ["torchvision:", /expected torchvision:<name>/u],
  ["torchvision:resnet50@v3", /expected torchvision:<name>/u],
  ["http://example.org/a.pth", /only fetched over https/u],
  ["https://huggingface.co/owner/cats", /named <owner>\/<repository>/u],
  ["https://user:password@example.org/a.pth", /^(?!.*password@).*user name or password/u],
  ["https://[/a.pth", /is no address/u],
])("%s is refused with what was expected", (text, problem) => {
  expect(() => parseModelReference(text)).toThrow(problem);
  expect(() => parseModelReference(text)).toThrow(ModelReferenceError);
});

test("a repository and a revision never lead out of the cache", () => {
  const piece = fc.constantFrom("a", "..", ".", "/", "\\", "@", "-", "--", "\0", "%2e");
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, text, (repo, revision) => {
      for (const part of pathOf(`a/${repo}@${revision}`)) {
        expect(part).toMatch(/^[^./\\\0][^/\\\0]*$/u);
      }
    }),
    { numRuns: 2000 },
  );
});

/** The pieces of what becomes a path in the cache; none for a text that is refused. */
function pathOf(text: string): readonly string[] {
  try {
    const parsed = parseModelReference(text);
    return parsed.kind === "hub" ? `${parsed.repo}/${parsed.revision}`.split("/") : [];
  } catch (error) {
    if (error instanceof ModelReferenceError) return [];
    throw error;
  }
}
