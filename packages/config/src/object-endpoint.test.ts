import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootNameSchema } from "@sluice/contracts";
import { expect, test } from "vitest";
import { requireObjectKey } from "./load-config.ts";
import { load, problemsOf, site, type Settings } from "./testing/site.ts";

const SLUICE_OBJECT_KEY = "k".repeat(32);
const remote = (endpoint: string): Settings => ({
  roots: { uploads: { endpoint }, published: { folder: "out" } },
});

test("a root may be a folder here and an endpoint there", async () => {
  const { config } = await load(site(remote("https://web1:8460")), { SLUICE_OBJECT_KEY });
  expect(config.roots.get(rootNameSchema.parse("uploads"))).toEqual({
    kind: "endpoint",
    url: new URL("https://web1:8460"),
  });
  expect(config.objectEndpoint).toMatchObject({ key: SLUICE_OBJECT_KEY, port: null, tls: null });
});

test("the key may come from a file", async () => {
  const file = join(tmpdir(), `sluice-key-${process.pid}`);
  await writeFile(file, `${SLUICE_OBJECT_KEY}\n`);
  const env = { SLUICE_OBJECT_KEY_FILE: file };
  const { config } = await load(site({ objectEndpoint: { port: 0 } }), env);
  expect(config.objectEndpoint).toMatchObject({ key: SLUICE_OBJECT_KEY, port: 0 });
});

test.each<[Settings, Record<string, string>, RegExp]>([
  [
    { objectEndpoint: { port: 1, host: "0.0.0.0" } },
    { SLUICE_OBJECT_KEY },
    /unencrypted; set certFile and keyFile, or trustedNetwork: true$/u,
  ],
  [
    { objectEndpoint: { port: 1, certFile: "c.pem" } },
    { SLUICE_OBJECT_KEY },
    /^objectEndpoint: expected certFile and keyFile together/u,
  ],
  [
    { roots: { uploads: { folder: "in", endpoint: "http://a" }, published: { folder: "out" } } },
    { SLUICE_OBJECT_KEY },
    /^roots\.uploads: expected one of folder, endpoint and s3/u,
  ],
  [remote("ftp://a"), { SLUICE_OBJECT_KEY }, /begins with http:\/\/ or https:\/\//u],
  [{}, { SLUICE_OBJECT_KEY: "short" }, /^SLUICE_OBJECT_KEY: expected at least 32 characters/u],
])("%j is refused with what to do", async (change, env, problem) => {
  expect(await problemsOf(site(change), env)).toEqual([expect.stringMatching(problem)]);
});

test("a process that needs the key says so when it is not set; others do without", async () => {
  const { config } = await load(site(remote("https://web1:8460")));
  expect(() => requireObjectKey(config)).toThrow(
    /SLUICE_OBJECT_KEY: not set.*openssl rand -hex 32/u,
  );
});

test("a trusted network needs no certificate", async () => {
  const objectEndpoint = { port: 8460, host: "10.0.0.1", trustedNetwork: true };
  const { config } = await load(site({ objectEndpoint }), { SLUICE_OBJECT_KEY });
  expect(config.objectEndpoint).toMatchObject({ host: "10.0.0.1", isNetworkTrusted: true });
});
