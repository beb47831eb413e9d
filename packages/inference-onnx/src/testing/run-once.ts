// A program for tests that look at a whole process: runs the graph of its argument once.
import { allocateBatchBuffers } from "@sluice/inference";
import { startOnnxDevice } from "../onnx-device.ts";

const graphPath = process.argv[2] ?? "";
const spec = { fit: "stretch", resize: 4, height: 4, width: 4, interpolation: "bilinear" } as const;
await using device = await startOnnxDevice({
  members: [{ model: "tiny", graphPath, spec: 0, classes: 2 }],
  buffers: allocateBatchBuffers([spec], 1),
  provider: "cpu",
  intraOpThreads: 1,
});
await device.run(1, 0);
