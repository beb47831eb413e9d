import { expect, test } from "vitest";
import { followRedirect } from "./redirect-policy.ts";

const hub = { firstHost: "huggingface.co", allowedHosts: [] };
const from = new URL("https://huggingface.co/owner/cats/resolve/main/model.safetensors");

test.each([
  "https://cdn-lfs-us-1.hf.co/repos/x?Signature=1",
  "https://cas-bridge.xethub.hf.co/xet-bridge-us/x",
  "https://cdn-lfs.huggingface.co/x",
  "/api/resolve-cache/models/owner/cats/x",
])("the hub may lead to its own stores: %s", (location) => {
  expect(followRedirect(from, location, hub).href).toBe(new URL(location, from).href);
});

test.each([
  [
    "https://example.org/x",
    /^huggingface\.co redirects .* to example\.org, .*SLUICE_HUB_REDIRECT_HOSTS=example\.org/u,
  ],
  ["https://hf.co.example.org/x", /example\.org/u],
  ["https://nothf.co/x", /nothf\.co/u],
  ["http://cdn-lfs.hf.co/x", /from https:\/\/ to http:\/\//u],
  ["file:///etc/passwd", /to file:/u],
  ["https://user@cdn-lfs.hf.co/x", /user name/u],
  ["https://huggingface.co:8443/x", /huggingface\.co:8443/u],
  [null, /without an address/u],
])("nowhere else: %s", (location, problem) => {
  expect(() => followRedirect(from, location, hub)).toThrow(problem);
});

test("the stores of the hub are not those of a mirror", () => {
  const mirror = { firstHost: "mirror.example.org", allowedHosts: [".example.net"] };
  const start = new URL("https://mirror.example.org/x");
  expect(followRedirect(start, "https://s3.example.net/x", mirror).host).toBe("s3.example.net");
  expect(() => followRedirect(start, "https://cdn-lfs.hf.co/x", mirror)).toThrow(
    /cdn-lfs\.hf\.co/u,
  );
});
