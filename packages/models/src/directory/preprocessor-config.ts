import { z } from "zod";

const side = z.number().int().positive().max(4096);
const edgesSchema = z.union([
  side,
  z.object({ shortest_edge: side }),
  z.object({ height: side, width: side }),
]);
const channels = z.tuple([z.number(), z.number(), z.number()]);
const deviations = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);

/**
 * preprocessor_config.json as transformers' image processors write it, old and new; defaults are those of its
 * ViTImageProcessor. What would change the pixels in a way that is not done here is refused, never ignored.
 */
export const preprocessorSchema = z.object({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.literal(true, "pictures of any size arrive, expected true").default(true),
  size: edgesSchema,
  /** PIL's numbers; the others have no equal in the decoder. */
  resample: z
    .union([z.literal(2), z.literal(3)], "expected 2 (bilinear) or 3 (bicubic)")
    .default(2),
  do_center_crop: z.boolean().default(false),
  crop_size: edgesSchema.optional(),
  crop_pct: z.number().gt(0).max(1).nullish(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z
    .number()
    .positive()
    .default(1 / 255),
  rescale_offset: z.literal(false, "is not supported, expected false").default(false),
  do_flip_channel_order: z
    .literal(false, "blue before red is not supported, expected false")
    .default(false),
  do_normalize: z.boolean().default(true),
  image_mean: channels.default([0.5, 0.5, 0.5]),
  image_std: deviations.default([0.5, 0.5, 0.5]),
});

export type PreprocessorConfig = z.infer<typeof preprocessorSchema>;

/** How a decoded picture becomes the model's input. */
export interface Preprocessing {
  /** `shortest-edge`: the shorter side becomes `resize`, then the middle is cut out; `stretch`: both sides become the crop. */
  readonly fit: "shortest-edge" | "stretch";
  readonly resize: number;
  readonly cropHeight: number;
  readonly cropWidth: number;
  readonly interpolation: "bilinear" | "bicubic";
  /** value = (byte * rescale − mean) / std, per channel red, green, blue. */
  readonly rescale: number;
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** What transformers' image processors do with a configuration, in our words. */
export function toPreprocessing(config: PreprocessorConfig): Preprocessing {
  return {
    ...toFit(config),
    interpolation: config.resample === 3 ? "bicubic" : "bilinear",
    rescale: config.do_rescale ? config.rescale_factor : 1,
    mean: config.do_normalize ? config.image_mean : [0, 0, 0],
    std: config.do_normalize ? config.image_std : [1, 1, 1],
  };
}

type Fit = Pick<Preprocessing, "fit" | "resize" | "cropHeight" | "cropWidth">;

/** ConvNextImageProcessor, also used by ResNet and RegNet, cuts below this size and stretches from it on. */
const CONVNEXT_STRETCHES_FROM = 384;
const CONVNEXT_CROP_PCT = 224 / 256;

function toFit(config: PreprocessorConfig): Fit {
  const { size, do_center_crop: isCropped, crop_size: cropSize } = config;
  const [height, width] = sidesOf(isCropped ? (cropSize ?? size) : size);
  const crop = { cropHeight: height, cropWidth: width };
  const [resize, resizeWidth] = sidesOf(size);
  const stretch: Fit = { fit: "stretch", resize: height, ...crop };
  if (isCropped) {
    // DeiT stretches to 256×256 before it cuts 224×224 out; it was trained on whole proportions, which are kept here.
    const isWhole = typeof size === "object" && resize === height && resizeWidth === width;
    return isWhole && "height" in size ? stretch : { fit: "shortest-edge", resize, ...crop };
  }
  const cropPct = cropPctOf(config);
  if (cropPct !== null) {
    if (resize >= CONVNEXT_STRETCHES_FROM) return stretch;
    return { fit: "shortest-edge", resize: Math.floor(resize / cropPct), ...crop };
  }
  const keepsProportions = typeof size === "object" && "shortest_edge" in size;
  return keepsProportions ? { fit: "shortest-edge", resize, ...crop } : stretch;
}

function cropPctOf(config: PreprocessorConfig): number | null {
  const type = config.image_processor_type ?? config.feature_extractor_type ?? "";
  return config.crop_pct ?? (type.startsWith("ConvNext") ? CONVNEXT_CROP_PCT : null);
}

function sidesOf(edges: z.infer<typeof edgesSchema>): [height: number, width: number] {
  if (typeof edges === "number") return [edges, edges];
  if ("shortest_edge" in edges) return [edges.shortest_edge, edges.shortest_edge];
  return [edges.height, edges.width];
}
