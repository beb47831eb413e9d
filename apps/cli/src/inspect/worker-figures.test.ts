import { createServer } from "node:http";
import { once } from "node:events";
import { expect, test } from "vitest";
import type { AppState } from "./app-state.ts";
import { readWorkerFigures } from "./worker-figures.ts";

const METRICS = `# HELP sluice_images_total Images by outcome and reason.
# TYPE sluice_images_total counter
sluice_images_total{outcome="classified",reason="none"} 90
sluice_images_total{outcome="unscannable",reason="empty"} 10
sluice_images_total_other 7
sluice_recalled_images_total 25
`;

function app(name: string, url: string, condition: AppState["condition"] = "ready"): AppState {
  return { name, url, condition, pid: 1, startedAtMs: 0, missing: {} };
}

test("workers that answer tell what they have counted; what is not there counts nothing", async () => {
  const server = createServer((request, response) => {
    if (request.url !== "/metrics") response.statusCode = 404;
    response.end(METRICS);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const url = `http://127.0.0.1:${String(port)}`;
  const figures = await readWorkerFigures([
    app("worker", url),
    app("worker-2", `${url}/nowhere`),
    app("worker-3", url, "gone"),
    app("ingest", url),
  ]);
  server.closeAllConnections();
  await once(server.close(), "close");
  expect(figures).toEqual([{ name: "worker", images: 100, recalled: 25, engineLosses: 0 }]);
});
