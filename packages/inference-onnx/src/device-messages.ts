import { z } from "zod";

export interface DeviceMember {
  /** Name for people: the model directory's. */
  readonly model: string;
  /** Path of the production graph: input `pixels` uint8 NHWC, output `probabilities`. */
  readonly graphPath: string;
  /** Which of the pixel specs this member takes. */
  readonly spec: number;
  /** How many probabilities it must give. */
  readonly classes: number;
  /** Its graph has the output `float_embeddings`, and it is asked for; of one member at most. */
  readonly givesEmbeddings?: boolean;
  /** Of a cascade, from 0; left out: the only one. */
  readonly stage?: number;
}

/** What the device thread is started with. */
export interface DeviceSettings {
  readonly members: readonly DeviceMember[];
  /** ONNX Runtime's name of the execution provider. */
  readonly provider: string;
  /** Height and width of each spec. */
  readonly specs: readonly { readonly height: number; readonly width: number }[];
  /** Per buffer, per spec. */
  readonly memory: readonly (readonly SharedArrayBuffer[])[];
  readonly maxRows: number;
  /** 0: as many as there are cores. */
  readonly intraOpThreads: number;
}

/** From the device thread to the engine. */
export const deviceReplySchema = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("ready"),
    /** Time of the largest batch, per member. */
    memberMs: z.array(z.number()),
    rowLimit: z.number().int().positive(),
    /** Members of which ONNX Runtime gave some nodes to the CPU. */
    partlyOnCpu: z.array(z.string()),
  }),
  z.object({ type: z.literal("no-memory"), model: z.string(), message: z.string() }),
  z.object({ type: z.literal("no-provider"), message: z.string() }),
  z.object({ type: z.literal("bad-model"), model: z.string(), message: z.string() }),
  z.object({
    type: z.literal("result"),
    members: z.array(z.custom<Float32Array>((value) => value instanceof Float32Array)),
    /** Rows that the device has memory for now. */
    rowLimit: z.number().int().positive(),
  }),
  z.object({ type: z.literal("lost"), message: z.string() }),
]);
export type DeviceReply = z.infer<typeof deviceReplySchema>;

/** From the engine to the device thread. */
export const deviceRequestSchema = z.object({
  rows: z.number().int().positive(),
  /** Stage s has buffers 2s and 2s + 1; its members run. */
  buffer: z.number().int().nonnegative(),
});
export type DeviceRequest = z.infer<typeof deviceRequestSchema>;
