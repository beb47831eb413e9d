/**
 * A number of channels times `width`, rounded to a multiple of 8 and never down by more than a tenth: the rule of the MobileNet
 * and EfficientNet families.
 */
export function scaleChannels(channels: number, width: number): number {
  const scaled = channels * width;
  const rounded = Math.max(8, Math.floor((scaled + 4) / 8) * 8);
  return rounded < 0.9 * scaled ? rounded + 8 : rounded;
}
