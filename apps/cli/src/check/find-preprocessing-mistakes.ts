import { finding, type Finding } from "./finding.ts";
import type { RawPreprocessor } from "./read-raw-card.ts";

type Triple = readonly [number, number, number];

/** How a byte becomes the network's input: (byte · rescale − mean) / std, per channel. */
interface Levels {
  readonly rescale: number;
  readonly mean: Triple;
  readonly std: Triple;
  readonly isNormalised: boolean;
}

/** Looks for the mistakes in preprocessor_config.json that give wrong answers without an error. */
export function findPreprocessingMistakes(preprocessor: RawPreprocessor | null): Finding[] {
  if (preprocessor === null) return [];
  const levels = readLevels(preprocessor);
  return [
    ...findChannelOrder(preprocessor, levels),
    ...findPixelRange(levels),
    ...findResample(preprocessor),
  ];
}

/** Defaults are those of transformers' image processors. */
function readLevels(preprocessor: RawPreprocessor): Levels {
  const isNormalised = preprocessor.do_normalize ?? true;
  return {
    rescale: (preprocessor.do_rescale ?? true) ? (preprocessor.rescale_factor ?? 1 / 255) : 1,
    mean: isNormalised ? (preprocessor.image_mean ?? [0.5, 0.5, 0.5]) : [0, 0, 0],
    std: isNormalised ? (preprocessor.image_std ?? [0.5, 0.5, 0.5]) : [1, 1, 1],
    isNormalised,
  };
}

/** Published means in the order red, green, blue, of pixels from 0 to 1: ImageNet (torchvision), CLIP, ImageNet (Caffe). */
const KNOWN_MEANS: readonly Triple[] = [
  [0.485, 0.456, 0.406],
  [0.48145466, 0.4578275, 0.40821073],
  [123.68 / 255, 116.779 / 255, 103.939 / 255],
];
const TOLERANCE = 0.003;

function findChannelOrder(preprocessor: RawPreprocessor, { mean }: Levels): Finding[] {
  if (preprocessor.do_flip_channel_order === true) {
    return [
      finding(
        "channel-order",
        "preprocessor_config.json asks for blue before red (do_flip_channel_order), which is not done here",
        "export the network with its first convolution's input channels reversed, then set do_flip_channel_order to false and reverse image_mean and image_std",
      ),
    ];
  }
  const scale = Math.max(...mean) > LARGEST_SCALED ? 255 : 1;
  const isReversed = KNOWN_MEANS.some((known) =>
    known.toReversed().every((value, c) => Math.abs((mean[c] ?? 0) / scale - value) < TOLERANCE),
  );
  if (!isReversed) return [];
  return [
    finding(
      "channel-order",
      `image_mean (${mean.join(", ")}) is a known mean in the order blue, green, red; pictures arrive as red, green, blue`,
      "if the network was trained on red first, reverse image_mean and image_std; if on blue first (Caffe, OpenCV), also reverse the input channels of its first convolution",
    ),
  ];
}

/** Means and deviations of pixels from 0 to 1 are below it, those of bytes above. */
const LARGEST_SCALED = 1.5;
/** A factor above it leaves bytes as bytes. */
const LARGEST_FACTOR = 0.5;
/** Normalised inputs are within ±3 for every published card; far beyond, a number is wrong. */
const LARGEST_INPUT = 20;

function findPixelRange({ rescale, mean, std, isNormalised }: Levels): Finding[] {
  const told = `rescale factor ${round(rescale)}, mean ${mean.join(", ")}, deviation ${std.join(", ")}`;
  const wrong = (what: string, fix: string): Finding[] => [
    finding("pixel-range", `${what} (${told})`, fix),
  ];
  if (std.some((deviation) => !(deviation > 0))) {
    return wrong("a deviation is not above zero", "correct image_std");
  }
  const isScaled = rescale <= LARGEST_FACTOR;
  const isOfBytes = Math.max(...mean, ...std) > LARGEST_SCALED;
  if (isScaled && isOfBytes) {
    return wrong(
      "pixels are scaled to 0–1, but mean or deviation are of 0–255",
      "divide image_mean and image_std by 255, or set do_rescale to false if the network was trained on 0–255",
    );
  }
  if (!isScaled && !isNormalised) {
    return [
      finding(
        "pixels-unscaled",
        "the network gets bytes from 0 to 255 as they are",
        "right only if it scales them itself; else set do_rescale to true with rescale_factor 0.00392156862745098 (1/255)",
      ),
    ];
  }
  if (!isScaled && !isOfBytes) {
    return wrong(
      "mean and deviation are of pixels from 0 to 1, but pixels stay 0–255",
      "set do_rescale to true and rescale_factor to 0.00392156862745098 (1/255)",
    );
  }
  const inputs = std.flatMap((deviation, c) =>
    [0, 255].map((byte) => Math.abs(byte * rescale - (mean[c] ?? 0)) / deviation),
  );
  const largest = Math.max(...inputs);
  if (isScaled && largest > LARGEST_INPUT) {
    return wrong(
      `normalised pixels reach ±${round(largest)}, expected about ±3`,
      "correct image_std (ImageNet's is 0.229, 0.224, 0.225)",
    );
  }
  return [];
}

const RESAMPLES = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"];

function findResample({ resample = 2 }: RawPreprocessor): Finding[] {
  if (resample === 2 || resample === 3) return [];
  return [
    finding(
      "resample-unsupported",
      `resample is ${resample} (${RESAMPLES[resample] ?? "unknown"}), expected 2 (bilinear) or 3 (bicubic)`,
      "set it to 3 for lanczos, else to 2, and compare the answers on pictures that you know",
    ),
  ];
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)));
}
