/**
 * timm's names of architectures that are called otherwise here; all others are spelled alike. Its "legacy" SE networks
 * are told apart by the names of their tensors. Source: `model_entrypoint` names of timm 1.0.
 */
const OTHERWISE: Readonly<Record<string, string>> = {
  mobilenetv2_100: "mobilenet_v2",
  mobilenetv3_large_100: "mobilenet_v3_large",
  mobilenetv3_small_100: "mobilenet_v3_small",
  regnety_004: "regnet_y_400mf",
  regnety_008: "regnet_y_800mf",
  regnety_016: "regnet_y_1_6gf",
  regnety_032: "regnet_y_3_2gf",
  regnety_080: "regnet_y_8gf",
  regnety_160: "regnet_y_16gf",
  regnety_320: "regnet_y_32gf",
  vit_base_patch16_224: "vit_b_16",
  legacy_seresnet50: "seresnet50",
  legacy_seresnet101: "seresnet101",
  legacy_seresnet152: "seresnet152",
  legacy_seresnext50_32x4d: "seresnext50_32x4d",
  legacy_seresnext101_32x4d: "seresnext101_32x4d",
};

/** The name under which `sluice models list` has what timm calls `name`. */
export function fromTimmName(name: string): string {
  return Object.hasOwn(OTHERWISE, name) ? (OTHERWISE[name] ?? name) : name;
}

export const TIMM_NAMES = Object.keys(OTHERWISE);
