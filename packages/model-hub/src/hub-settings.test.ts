import { expect, test } from "vitest";
import { readHubSettings } from "./hub-settings.ts";

test("without any setting: the public hub, and the caches that Python uses", () => {
  expect(readHubSettings({ HOME: "/home/ada" })).toEqual({
    endpoint: "https://huggingface.co",
    token: null,
    isOffline: false,
    hubCache: "/home/ada/.cache/huggingface/hub",
    torchvisionUrl: "https://download.pytorch.org/models/",
    torchvisionCache: "/home/ada/.cache/torch/hub/checkpoints",
    downloadCache: "/home/ada/.cache/sluice/downloads",
    redirectHosts: [],
  });
});

test("a mirror keeps its path, a slash at the end does not matter", () => {
  const { endpoint } = readHubSettings({ HF_ENDPOINT: "https://mirror.example.org/hf/" });
  expect(endpoint).toBe("https://mirror.example.org/hf");
});

test.each([
  ["1", true],
  ["TRUE", true],
  ["yes", true],
  ["0", false],
  ["", false],
])("HF_HUB_OFFLINE=%s", (value, expected) => {
  expect(readHubSettings({ HF_HUB_OFFLINE: value }).isOffline).toBe(expected);
});

test("a token is never sent in clear text over a network", () => {
  const env = { HF_TOKEN: "hf_secret", HF_ENDPOINT: "http://mirror.example.org" };
  expect(() => readHubSettings(env)).toThrow(/mirror\.example\.org in clear text/u);
  expect(() => readHubSettings(env)).toThrow(/^(?!.*hf_secret)/u);
});

test.each([
  { HF_ENDPOINT: "huggingface.co" },
  { HF_ENDPOINT: "ftp://huggingface.co" },
  { SLUICE_TORCHVISION_URL: "https://user:word@example.org" },
  { HF_TOKEN: "hf_a\r\nhost: x" },
])("%o is refused, not repaired", (env) => {
  expect(() => readHubSettings(env)).toThrow(
    expect.objectContaining({ code: "HUB_SETTINGS_INVALID" }),
  );
});
