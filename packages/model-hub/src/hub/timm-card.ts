import { z } from "zod";
import type { ImageSettings } from "../image-settings.ts";
import { ModelNotFoundError } from "../model-hub-error.ts";

const side = z.number().int().positive().max(4096);
const level = z.number();
const deviation = z.number().positive();
const labels = z.array(z.string().min(1)).min(1).max(100_000);

/** What of timm's `pretrained_cfg` changes the pixels; what cannot be done here is refused, never ignored. */
const pretrainedSchema = z.object({
  input_size: z.tuple([z.literal(3, "expected pictures of 3 channels"), side, side]),
  interpolation: z.enum(["bilinear", "bicubic"]).default("bicubic"),
  crop_pct: z.number().gt(0).max(1).default(0.875),
  crop_mode: z.literal("center", "only center crops are supported").default("center"),
  mean: z.tuple([level, level, level]),
  std: z.tuple([deviation, deviation, deviation]),
  num_classes: z.int().positive().optional(),
  label_names: labels.optional(),
});

/** config.json of a timm repository. */
const cardSchema = z.object({
  architecture: z.string().min(1).max(200),
  num_classes: z.int().positive().optional(),
  label_names: labels.optional(),
  pretrained_cfg: pretrainedSchema,
});

export interface TimmCard {
  /** As timm spells it. */
  readonly architecture: string;
  readonly numClasses: number;
  /** In the order of class ids; null when the card names none, as for ImageNet-1k. */
  readonly labels: readonly string[] | null;
  readonly image: ImageSettings;
}

/** @throws ModelNotFoundError when it describes no model of timm, or one whose preprocessing cannot be done here */
export function parseTimmCard(repo: string, text: string): TimmCard {
  const parsed = cardSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((i) => `${i.path.join(".")}: ${i.message}`).join("; ");
    throw new ModelNotFoundError(
      `${repo}: its config.json is not that of a timm model (${problems}); expected architecture and pretrained_cfg`,
    );
  }
  const { architecture, pretrained_cfg: config } = parsed.data;
  const names = parsed.data.label_names ?? config.label_names ?? null;
  const numClasses = parsed.data.num_classes ?? config.num_classes ?? names?.length;
  if (numClasses === undefined || (names !== null && names.length !== numClasses)) {
    throw new ModelNotFoundError(
      `${repo}: its config.json has ${names?.length ?? "no"} label_names for ${numClasses ?? "an unknown number of"} classes`,
    );
  }
  return { architecture, numClasses, labels: names, image: toImage(repo, config) };
}

/** As timm's `transforms_imagenet_eval` does it: the shorter side becomes floor(size / crop_pct). */
function toImage(repo: string, config: z.infer<typeof pretrainedSchema>): ImageSettings {
  const [, height, width] = config.input_size;
  if (height !== width) {
    throw new ModelNotFoundError(
      `${repo}: takes pictures of ${width}×${height}, expected a square`,
    );
  }
  const { interpolation, mean, std } = config;
  return { resize: Math.floor(width / config.crop_pct), crop: width, interpolation, mean, std };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // The schema refuses it.
  }
}
