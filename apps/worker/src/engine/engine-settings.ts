import { z } from "zod";

/** What an engine is told at its start, as its one argument: what differs between the engines of a worker. */
export const engineSettingsSchema = z.strictObject({
  /** ONNX Runtime's name of the execution provider. */
  provider: z.enum(["cpu", "cuda", "tensorrt"]),
  /** Name of the GPU; null for the CPU. */
  deviceName: z.string().nullable(),
  /** Whether this worker has engines on other kinds of devices, too. */
  hasMixedDevices: z.boolean(),
  /** Objects of a lane that are read, or wait to be decoded. */
  readSlots: z.number().int().positive(),
  /** Images that are decoded at a time. */
  decodeSlots: z.number().int().positive(),
  /** 0: as many as there are cores. */
  intraOpThreads: z.number().int().nonnegative(),
});
export type EngineSettings = z.infer<typeof engineSettingsSchema>;
