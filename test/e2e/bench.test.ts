import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { runSluice } from "../harness/run-sluice.ts";
import { TestRedis } from "../harness/test-redis.ts";
import { TestSite } from "../harness/test-site.ts";

test("a bench sends the pictures through all of Sluice, tells the ratio, and leaves nothing in a Redis of others", async () => {
  await using site = await TestSite.make({ mode: "sweep" });
  await using server = await TestRedis.start();
  const redis = new Redis(server.url);
  try {
    await redis.set("theirs", "stays");
    const args = "bench --model models/squeezenet1_1 --count 3 --batches 1 --rounds 2 --seconds 1";
    const { code, stdout, stderr } = await runSluice(
      [...args.split(" "), "--redis", server.url, "--json"],
      { cwd: site.folder },
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { queue } = JSON.parse(stdout) as { queue: { ratio: number; rounds: object[] } };
    expect(queue.rounds).toHaveLength(2);
    expect(queue.ratio).toBeGreaterThan(0);
    expect(await redis.keys("*")).toEqual(["theirs"]);
  } finally {
    redis.disconnect();
  }
});
