import { join } from "node:path";
import { expect, test } from "vitest";
import { load, problemsOf, site, type Settings } from "./testing/site.ts";

const SECRET = "5".repeat(64);

/** A sweep over a bucket. */
function swept(source: Settings, root: Settings = { s3: { bucket: "a-b" } }): Settings {
  return site({
    roots: { uploads: root },
    sources: [{ name: "bucket", kind: "s3", root: "uploads", ...source }],
    policies: { default: { mode: "sweep", forbidden: [] } },
  });
}

test("a bucket is watched with no more than its name, and files of a webhook begin at the file's folder", async () => {
  await expect(load(swept({}))).resolves.toBeDefined();
  const webhook = { port: 0, secretSha256: SECRET, certFile: "c.pem", keyFile: "k.pem" };
  const { config, cwd } = await load(swept({ webhook: { ...webhook, host: "0.0.0.0" } }));
  expect(config.sources[0]).toMatchObject({ webhook: { certFile: join(cwd, "c.pem") } });
});

test.each([
  [
    swept({}, { folder: "in" }),
    /sources\[0\]\.kind and roots\.uploads: a source of kind s3 needs/u,
  ],
  [
    swept({ webhook: { port: 0, host: "0.0.0.0", secretSha256: SECRET } }),
    /sources\[0\]\.webhook\.host and sources\[0\]\.webhook\.trustedNetwork: .* without encryption/u,
  ],
  [
    swept({ webhook: { port: 0, secretSha256: "hush" } }),
    /webhook\.secretSha256: .*not the secret/u,
  ],
  [swept({ sqs: { queueUrl: "uploads" } }), /sqs\.queueUrl: expected the queue's address/u],
  [swept({ settleMs: 10 }), /settleMs/u],
])("what cannot work is refused: %#", async (settings, expected) => {
  expect(await problemsOf(settings)).toEqual([expect.stringMatching(expected)]);
});
