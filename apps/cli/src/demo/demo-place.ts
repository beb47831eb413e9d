import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CliError } from "../cli-error.ts";
import { EXIT_CODE } from "../exit-code.ts";

/** Folders and files of one demo, absolute. */
export interface DemoPlace {
  readonly folder: string;
  readonly incoming: string;
  readonly published: string;
  /** Public at once, in sweep mode. */
  readonly site: string;
  /** On the same file system as the others, watched by nobody. */
  readonly staging: string;
  readonly dataDir: string;
  readonly models: string;
  readonly configFile: string;
  /** What the apps say. */
  readonly logFile: string;
}

const MARKER = ".sluice-demo";

/**
 * An empty place for a demo. What an earlier demo left there is removed; a folder that holds anything else is
 * refused with CliError (NOT_A_DEMO_FOLDER).
 */
export async function makeDemoPlace(folder: string): Promise<DemoPlace> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  if (names.length > 0 && !names.includes(MARKER)) {
    throw new CliError(
      "NOT_A_DEMO_FOLDER",
      `${folder} is not empty and not from an earlier demo; name another folder with --folder`,
      { exitCode: EXIT_CODE.usage },
    );
  }
  // The marker goes last, so that a demo that is killed here is still recognised by the next one.
  for (const name of names.filter((entry) => entry !== MARKER)) {
    await rm(join(folder, name), { recursive: true });
  }
  await writeFile(
    join(folder, MARKER),
    "Made by `sluice demo`, which removes everything in here when it runs again.\n",
  );
  const place = placeIn(folder);
  for (const made of [place.incoming, place.published, place.site, place.staging])
    await mkdir(made);
  return place;
}

function placeIn(folder: string): DemoPlace {
  return {
    folder,
    incoming: join(folder, "incoming"),
    published: join(folder, "published"),
    site: join(folder, "site"),
    staging: join(folder, "staging"),
    dataDir: join(folder, "data"),
    models: join(folder, "models"),
    configFile: join(folder, "sluice.yaml"),
    logFile: join(folder, "sluice.log"),
  };
}
