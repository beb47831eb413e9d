import { z } from "zod";

/** What the notifier's thread is started with. */
export const threadSettingsSchema = z.object({
  kind: z.enum(["native", "chokidar"]),
  /** Absolute, in bytes (latin1). */
  folder: z.string(),
  ignore: z.array(z.string()),
  maxDepth: z.number(),
});
export type ThreadSettings = z.infer<typeof threadSettingsSchema>;
export type WatcherKind = ThreadSettings["kind"];

/** What the thread says. Hints come in batches, the next one only after `taken` for the one before. */
export const threadReportSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("watching") }),
  z.object({
    type: z.literal("hints"),
    entries: z.array(z.string()),
    directories: z.array(z.string()),
    isOverflowed: z.boolean(),
  }),
  z.object({ type: z.literal("failed"), code: z.string() }),
  z.object({ type: z.literal("recovered") }),
]);
export type ThreadReport = z.infer<typeof threadReportSchema>;

/** What the thread is told. */
export const threadOrderSchema = z.enum(["taken", "check"]);
export type ThreadOrder = z.infer<typeof threadOrderSchema>;
