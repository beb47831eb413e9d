import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigError } from "./config-error.ts";
import { readEnsembleFile } from "./ensemble-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-ensemble-"));
});
afterAll(async () => await rm(folder, { recursive: true }));

async function read(text: string): Promise<Awaited<ReturnType<typeof readEnsembleFile>>> {
  await writeFile(join(folder, "night.yaml"), text);
  return await readEnsembleFile("night.yaml", folder);
}

test("an ensemble of its own file has the file's name and members relative to it", async () => {
  const [name, ensemble] = await read(
    "members: [{ model: models/a, weight: 2 }]\nfusion: weighted\n",
  );
  expect(name).toBe("night");
  expect(ensemble).toEqual({
    members: [
      {
        model: join(folder, "models/a"),
        precision: "float32",
        weight: 2,
        temperature: 1,
        set: null,
      },
    ],
    fusion: "weighted",
    views: "center",
    frames: "all",
    embeddings: "none",
    scoreFloor: 0.001,
    variantLimits: {
      minTop1Agreement: 0.99,
      maxDecisionsChanged: 0.005,
      minPictures: 64,
      minSpeedup: 1.05,
    },
    cascade: null,
  });
});

test.each([
  ["an unknown setting", "members: [{ model: a, wieght: 2 }]", /wieght.*did you mean "weight"/u],
  ["an unknown fusion", "members: [{ model: a }]\nfusion: median", /fusion: expected/u],
  [
    "frames that are no choice",
    "members: [{ model: a }]\nframes: sample:1",
    /frames: expected all, first/u,
  ],
  ["no member", "members: []", /members/u],
  [
    "a weight for nothing",
    "members: [{ model: a, weight: 3 }]",
    /mean counts every member the same/u,
  ],
  ["no YAML", "members: [", /not valid YAML/u],
])("%s is refused by name", async (_, text, problem) => {
  await expect(read(text)).rejects.toThrow(ConfigError);
  await expect(read(text)).rejects.toThrow(problem);
});

test("an absent file is told with its path", async () => {
  await expect(readEnsembleFile("nowhere.yaml", folder)).rejects.toThrow(
    /nowhere\.yaml: no such file/u,
  );
});
