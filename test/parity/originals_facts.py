"""Writes originals.json: of each library's networks the names and sizes of all tensors, hashed, and the counts.

    python3 test/parity/originals_facts.py && pnpm exec oxfmt test/parity

The hash is the SHA-256 of one line per tensor, `name elements`, sorted; batch counters and auxiliary heads left out.
Multiply-adds are those of convolutions and linear layers at the size that our architecture publishes.
"""

import hashlib
import json
import sys
from pathlib import Path

import torch
from torch import nn

from originals import NAMES, build

INPUT_SIZES = {
    "inception_v3": 299,
    **dict(zip([f"efficientnet_b{i}" for i in range(8)], [224, 240, 288, 300, 380, 456, 528, 600])),
    **dict(zip([f"tf_efficientnet_b{i}" for i in range(8)], [224, 240, 260, 300, 380, 456, 528, 600])),
}


def count_macs(network, side):
    total = 0

    def count(module, _, output):
        nonlocal total
        if isinstance(module, nn.Conv2d):
            total += output[0].numel() * module.weight[0].numel()
        if isinstance(module, nn.Linear):
            total += module.weight.numel()

    for module in network.modules():
        module.register_forward_hook(count)
    with torch.no_grad():
        network(torch.zeros(1, 3, side, side))
    return total


def describe(library, architecture):
    side = INPUT_SIZES.get(architecture, 224)
    network = build(library, architecture, 1000, side)
    tensors = {name: t for name, t in network.state_dict().items() if not name.endswith("num_batches_tracked")}
    lines = sorted(f"{name} {tensor.numel()}" for name, tensor in tensors.items())
    facts = {
        "tensors": len(lines),
        "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest(),
        "parameters": sum(p.numel() for p in network.parameters()),
        # torch's attention is one function, which shows no layer to hook on; theirs of the channels is left out likewise
        **({} if "vit" in architecture or architecture.endswith("_sa") else {"macs": count_macs(network, side)}),
    }
    print(library, architecture, facts, flush=True)
    return facts


chosen = sys.argv[1:] or NAMES
path = Path(__file__).parent / "originals.json"
known = json.loads(path.read_text()) if path.exists() else {}
for library in chosen:
    known[library] = {name: describe(library, name) for name in NAMES[library]}
    path.write_text(json.dumps(known) + "\n")
