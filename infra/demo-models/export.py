"""Turns checkpoints into what the repository holds: half-precision weights, a card for each, and golden logits."""

import hashlib
import json

import torch

from golden import golden_inputs, GOLDEN_FORMULA
from half_weights import read_half, write_half
from networks import build_network
from pictures import CROP, LABELS, MEAN, RESIZE, STD


def export_all(models, checkpoints, weights, seed):
    weights.mkdir(exist_ok=True)
    for name in models:
        export_weights(name, checkpoints / f"{name}.pt", weights, seed)
    export_golden(models, weights)


def export_weights(name, checkpoint, weights, seed):
    saved = torch.load(checkpoint, map_location="cpu")
    # The count of batches seen belongs to training; nothing that infers reads it.
    tensors = {key: value for key, value in saved["network"].items() if not key.endswith("num_batches_tracked")}
    path = weights / f"{name}.safetensors"
    write_half(path, tensors, {
        "architecture": name, "labels": ",".join(LABELS), "resize": str(RESIZE), "crop": str(CROP),
        "seed": str(seed), "epochs": str(saved["epoch"]), "licence": "Apache-2.0",
    })
    card = {
        "architecture": name,
        "labels": LABELS,
        "image": {"resize": RESIZE, "crop": CROP, "interpolation": "bilinear",
                  "mean": [round(value, 3) for value in MEAN.flatten().tolist()],
                  "std": [round(value, 3) for value in STD.flatten().tolist()]},
        "weights": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    (weights / f"{name}.json").write_text(json.dumps(card, indent=2) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


def load_exported(name, weights):
    network = build_network(name)
    missing, unexpected = network.load_state_dict(read_half(weights / f"{name}.safetensors"), strict=False)
    if unexpected or any(not key.endswith("num_batches_tracked") for key in missing):
        raise ValueError(f"{name}: missing {missing}, unexpected {unexpected}")
    return network.eval()


@torch.no_grad()
def export_golden(models, weights):
    inputs = golden_inputs()
    logits = {name: load_exported(name, weights)(inputs).tolist() for name in models}
    golden = {
        "inputs": {"shape": list(inputs.shape), "layout": "NCHW", "dtype": "float32", "formula": GOLDEN_FORMULA},
        "weights": "float16 values cast to float32", "torch": torch.__version__, "logits": logits,
    }
    (weights / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")
