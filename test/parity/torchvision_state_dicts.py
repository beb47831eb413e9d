"""Writes torchvision/state-dicts.json: a hash of the names and shapes of each architecture's tensors.

    python3 test/parity/torchvision_state_dicts.py

The hash is the SHA-256 of one line per tensor, `name size,size,…`, sorted; batch counters and auxiliary heads left out.
"""

import hashlib
import json
from pathlib import Path

from torchvision import models

ARCHITECTURES = [
    "alexnet",
    *[f"vgg{depth}{norm}" for depth in [11, 13, 16, 19] for norm in ["", "_bn"]],
    "googlenet",
    *[f"resnet{depth}" for depth in [18, 34, 50, 101, 152]],
    "resnext50_32x4d",
    "resnext101_32x8d",
    "squeezenet1_0",
    "squeezenet1_1",
    *[f"efficientnet_b{i}" for i in range(8)],
]


def describe(architecture):
    options = {"aux_logits": False, "init_weights": False} if architecture == "googlenet" else {}
    tensors = getattr(models, architecture)(**options).state_dict()
    lines = sorted(
        f"{name} {','.join(map(str, tensor.shape))}"
        for name, tensor in tensors.items()
        if not name.endswith("num_batches_tracked")
    )
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    print(architecture, len(lines), flush=True)
    return {"tensors": len(lines), "sha256": digest}


path = Path(__file__).parent / "torchvision" / "state-dicts.json"
path.write_text(json.dumps({name: describe(name) for name in ARCHITECTURES}, indent=2) + "\n")
