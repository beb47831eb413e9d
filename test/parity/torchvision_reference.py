"""Writes torchvision/<architecture>.json: the logits that torchvision gives for formula-made weights and pictures.

    python3 test/parity/torchvision_reference.py [architecture ...] && pnpm exec oxfmt test/parity

Needs torch and torchvision (made with Debian 12's python3-torch and python3-torchvision); only to make or renew
the references, never to check against them.
"""

import json
import sys
from pathlib import Path

import torch
import torchvision

from formula import fill, pictures

CLASSES = 20
PICTURES = 3
# A residual branch that adds as much as passes by doubles the variance in every block; a smaller last norm keeps
# the logits of the deepest networks in the ordinary range.
BOTTLENECKS = [[r"^layer\d\.\d+\.bn3\.weight$", 0.2]]
BASIC_BLOCKS = [[r"^layer\d\.\d+\.bn2\.weight$", 0.3]]
# Squeeze-and-excitation halves what it weighs; blocks that nothing passes by must make up for it.
INVERTED = [
    [r"^features\.[1-7]\.0\.block\.[23]\.1\.weight$", 1.2],
    [r"^features\.[1-7]\.\d+\.block\.[23]\.1\.weight$", 0.4],
]

# Every definition and every kind of block once at least; what differs in depth only is held by names and counts.
# Odd sizes, so that the rounding of strides and pools is checked too; AlexNet and VGG have a fixed grid.
CASES = {
    "alexnet": (224, []),
    "vgg13_bn": (224, []),
    "googlenet": (75, []),
    **{name: (65, BASIC_BLOCKS) for name in ["resnet18", "resnet34"]},
    **{name: (65, BOTTLENECKS) for name in ["resnet50", "resnet152"]},
    "resnext50_32x4d": (65, BOTTLENECKS),
    **{name: (71, []) for name in ["squeezenet1_0", "squeezenet1_1"]},
    **{f"efficientnet_b{i}": (69, INVERTED) for i in [0, 1, 2, 3, 4, 5, 7]},
}


def build(architecture):
    if architecture == "googlenet":
        # The graph has no re-normalisation of its inputs: that belongs to the preprocessing of a model directory.
        return torchvision.models.googlenet(
            num_classes=CLASSES, aux_logits=False, transform_input=False, init_weights=False
        )
    return getattr(torchvision.models, architecture)(num_classes=CLASSES)


def write_reference(architecture):
    side, gains = CASES[architecture]
    network = build(architecture).eval()
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(torch.from_numpy(fill(name, tuple(tensor.shape), gains)))
        logits = network(torch.from_numpy(pictures(PICTURES, side))).numpy()
    reference = {
        "made with": f"torchvision {torchvision.__version__}, torch {torch.__version__}",
        "architecture": architecture,
        "classes": CLASSES,
        "inputSize": side,
        "gains": gains,
        "logits": [[float(str(value)) for value in row] for row in logits],
    }
    path = Path(__file__).parent / "torchvision" / f"{architecture}.json"
    path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    print(architecture, f"largest {abs(logits).max():.3g}", f"apart {abs(logits[0] - logits[1]).max():.3g}", flush=True)


for requested in sys.argv[1:] or CASES:
    write_reference(requested)
