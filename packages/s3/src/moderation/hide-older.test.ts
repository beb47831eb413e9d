import { expect, test } from "vitest";
import { startFakeSite } from "../testing/test-bucket.ts";
import { hideOlder } from "./hide-older.ts";

test("a version that is put there in the moment of hiding is not left hidden", async () => {
  await using site = await startFakeSite();
  const uploads = site.fake.bucket("uploads");
  uploads.versioning = "on";
  uploads.put("a.jpg", { bytes: Buffer.from("older") });
  const { versionId } = uploads.put("a.jpg", { bytes: Buffer.from("judged") });
  const newer = { bytes: Buffer.from("newer") };
  site.fake.faults.before("DeleteObject", () => uploads.put("a.jpg", newer));
  expect(await hideOlder({ bucket: site.bucket, key: "a.jpg" }, versionId)).toBeNull();
  expect(uploads.find("a.jpg")).toMatchObject({ ...newer, isMarker: false });
});
