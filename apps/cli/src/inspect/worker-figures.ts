import type { AppState } from "./app-state.ts";

/** What a worker has counted since it started. */
export interface WorkerFigures {
  /** Name of the app: several workers have numbers. */
  readonly name: string;
  /** With an outcome of any kind. */
  readonly images: number;
  /** Of them, those whose content had been classified before, or just was: nothing was inferred for them. */
  readonly recalled: number;
  readonly engineLosses: number;
}

const ANSWER_TIMEOUT_MS = 2000;

/** Of each worker that answers; one that does not is told by its state. */
export async function readWorkerFigures(
  apps: readonly AppState[],
): Promise<readonly WorkerFigures[]> {
  const workers = apps.filter(
    ({ name, condition }) =>
      name.startsWith("worker") && (condition === "ready" || condition === "not-ready"),
  );
  const figures = await Promise.all(
    workers.map(async ({ name, url }) => {
      const text = await readMetrics(url);
      if (text === null) return [];
      return [
        {
          name,
          images: sumOf(text, "sluice_images_total"),
          recalled: sumOf(text, "sluice_recalled_images_total"),
          engineLosses: sumOf(text, "sluice_engine_losses_total"),
        },
      ];
    }),
  );
  return figures.flat();
}

async function readMetrics(url: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const response = await fetch(`${url}/metrics`, { signal });
    return response.ok ? await response.text() : null;
  } catch {
    return null; // it ended in between
  }
}

/** Over all labels of a counter, in Prometheus' text format; 0 where it stands nowhere. */
function sumOf(text: string, counter: string): number {
  let sum = 0;
  for (const line of text.split("\n")) {
    const [, name, value] = /^(\w+)(?:\{.*\})? (\S+)$/u.exec(line) ?? [];
    if (name === counter) sum += Number(value);
  }
  return sum;
}
