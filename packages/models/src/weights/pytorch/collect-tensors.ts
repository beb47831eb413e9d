import type { CheckpointSummary } from "../stored-tensor.ts";
import { PickleError } from "./pickle-error.ts";
import { PickleDict, PickleTensor, type PickleValue } from "./pickle-value.ts";

/** Where trainers put the state dict: torch examples, the tutorial's checkpoint, timm, fastai, pytorchcv. */
const STATE_DICT_KEYS = ["model_state_dict", "state_dict", "model", "net", "state_dict_ema"];
/** What DataParallel and torch.compile put before every name. */
const WRAPPER_PREFIX = /^(?:module\.|_orig_mod\.)+/u;

/**
 * Finds the state dict in a checkpoint: a dictionary whose values are tensors.
 *
 * @throws PickleError when there is none
 */
export function collectTensors(value: PickleValue): {
  tensors: Map<string, PickleTensor>;
  summary: CheckpointSummary;
} {
  const dict = findStateDict(value);
  const tensors = new Map<string, PickleTensor>();
  for (const [key, tensor] of dict.entries) {
    if (tensor instanceof PickleTensor)
      tensors.set(String(key).replace(WRAPPER_PREFIX, ""), tensor);
  }
  return { tensors, summary: summarise(value) };
}

function findStateDict(value: PickleValue): PickleDict {
  if (!(value instanceof PickleDict)) {
    throw new PickleError("expected a dictionary of tensors at the top of the file");
  }
  for (const key of STATE_DICT_KEYS) {
    const inner = value.entries.get(key);
    if (inner instanceof PickleDict && holdsTensors(inner)) return inner;
  }
  if (holdsTensors(value)) return value;
  const keys = [...value.entries.keys()].slice(0, 8).join(", ");
  throw new PickleError(
    `found no state dict: expected tensors at the top or below one of ${STATE_DICT_KEYS.join(", ")}; the file has ${keys}`,
  );
}

function holdsTensors(dict: PickleDict): boolean {
  return [...dict.entries.values()].some((value) => value instanceof PickleTensor);
}

function summarise(value: PickleValue): CheckpointSummary {
  const read = (dict: PickleValue | undefined, ...keys: string[]): number | null => {
    if (!(dict instanceof PickleDict)) return null;
    const found = keys.map((key) => dict.entries.get(key)).find((v) => typeof v === "number");
    return typeof found === "number" && Number.isFinite(found) ? found : null;
  };
  const config = value instanceof PickleDict ? value.entries.get("config") : undefined;
  return {
    epoch: read(value, "epoch"),
    validationAccuracy: read(value, "val_acc", "best_acc", "acc", "best_acc1"),
    classes: read(config, "num_classes") ?? read(value, "num_classes"),
  };
}
