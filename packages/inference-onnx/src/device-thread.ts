// The thread in which ONNX Runtime computes. run() blocks its thread for the whole batch, so nothing else lives here.
import { parentPort, workerData } from "node:worker_threads";
import { deviceRequestSchema, type DeviceReply, type DeviceSettings } from "./device-messages.ts";
import { loadSessions, rowLimitOf, runSessions } from "./sessions.ts";

const settings: DeviceSettings = workerData;

function reply(message: DeviceReply, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

const loaded = await loadSessions(settings);
if (loaded.type === "loaded") {
  const { sessions, memberMs } = loaded;
  parentPort?.on("message", (message: unknown) => {
    runSessions(sessions, { settings, ...deviceRequestSchema.parse(message) }).then(
      (members) =>
        reply(
          { type: "result", members, rowLimit: rowLimitOf(sessions) },
          members.map(({ buffer }) => buffer),
        ),
      (error: unknown) =>
        reply({ type: "lost", message: error instanceof Error ? error.message : String(error) }),
    );
  });
  const partly = sessions.filter(({ isPartlyOnCpu }) => isPartlyOnCpu);
  const partlyOnCpu = partly.map(({ member }) => member.model);
  reply({ type: "ready", memberMs: [...memberMs], rowLimit: rowLimitOf(sessions), partlyOnCpu });
} else {
  reply(loaded);
}
