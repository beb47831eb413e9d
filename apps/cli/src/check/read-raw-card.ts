import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** What cannot be understood is as if it were not there: naming it is the strict reader's task. */
const rawConfigSchema = z.object({
  id2label: z.record(z.string(), z.string()).optional().catch(undefined),
  image_size: z.number().optional().catch(undefined),
});
const rawPreprocessorSchema = z.object({
  resample: z.number().optional().catch(undefined),
  do_rescale: z.boolean().optional().catch(undefined),
  rescale_factor: z.number().optional().catch(undefined),
  do_flip_channel_order: z.boolean().optional().catch(undefined),
  do_normalize: z.boolean().optional().catch(undefined),
  image_mean: triple.optional().catch(undefined),
  image_std: triple.optional().catch(undefined),
});

export type RawConfig = z.infer<typeof rawConfigSchema>;
export type RawPreprocessor = z.infer<typeof rawPreprocessorSchema>;

/**
 * config.json and preprocessor_config.json as they stand, for saying which mistake is in them; null when a file is absent or is
 * no JSON object.
 */
export async function readRawCard(
  folder: string,
): Promise<{ config: RawConfig | null; preprocessor: RawPreprocessor | null }> {
  return {
    config: await readLoosely(join(folder, "config.json"), rawConfigSchema),
    preprocessor: await readLoosely(
      join(folder, "preprocessor_config.json"),
      rawPreprocessorSchema,
    ),
  };
}

async function readLoosely<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.safeParse(JSON.parse(await readFile(path, "utf8"))).data ?? null;
  } catch {
    // The strict reader names the file and the reason.
    return null;
  }
}
