"""Writes <library>/<architecture>.json: the logits that a library gives for formula-made weights and pictures.

    python3 test/parity/reference.py [library[/architecture] ...] && pnpm exec oxfmt test/parity

Needs torch and the library itself (see README.md); only to make or renew the references, never to check against them.
"""

import json
import sys
from pathlib import Path

import torch

from formula import fill, pictures
from originals import build

CLASSES = 20
PICTURES = 3
# The attention's products grow with the third power of what it reads.
ATTENTION = [r"\.gamma$", 0.0001]
# A residual branch that adds as much as passes by doubles the variance in every block; a smaller last norm keeps
# the logits of the deepest networks in the ordinary range.
RESIDUALS = {
    "basic": [
        [r"^layer\d\.\d+\.bn2\.weight$", 0.3],
        [r"body\.conv2\.bn\.weight$", 0.3],
        [r"convpath\.1\.1\.weight$", 0.3],
        ATTENTION,
    ],
    "bottleneck": [
        [r"^layer\d\.\d+\.bn3\.weight$", 0.2],
        [r"body\.conv3\.bn\.weight$", 0.2],
        [r"convpath\.2\.1\.weight$", 0.2],
        ATTENTION,
    ],
    # Squeeze-and-excitation halves what it weighs.
    "gated": [[r"^layer\d\.\d+\.bn3\.weight$", 0.4], [r"body\.conv3\.bn\.weight$", 0.4]],
}
# Blocks that nothing passes by must make up for the gates.
INVERTED = [
    [r"^features\.[1-7]\.0\.block\.[23]\.1\.weight$", 1.2],
    [r"^features\.[1-7]\.\d+\.block\.[23]\.1\.weight$", 0.4],
    [r"^blocks\.0\.0\.bn2\.weight$", 1.2],
    [r"^blocks\.\d\.0\.bn3\.weight$", 1.2],
    [r"^blocks\.\d\.\d+\.bn3\.weight$", 0.4],
    [r"unit1\.(?:pw_conv|conv3)\.bn\.weight$", 1.2],
    [r"unit\d+\.conv3\.bn\.weight$", 0.4],
]
MOBILE = [
    [r"^features\.\d+\.block\.[23]\.1\.weight$", 0.5],
    [r"^features\.\d+\.conv\.3\.weight$", 0.5],
    [r"^blocks\.\d\.\d\.bn3\.weight$", 0.5],
]
REGNET = [
    [r"f\.c\.1\.weight$", 0.4],
    [r"^s\d\.b\d+\.conv3\.bn\.weight$", 0.4],
    [r"body\.conv3\.bn\.weight$", 0.4],
]
VIT = [
    [r"(?:out_proj|mlp\.3|mlp\.fc2|attn\.proj)\.weight$", 0.3],
    [r"(?:class_token|pos_embedding|cls_token|pos_embed)$", 0.02],
]
# Every definition, every kind of block and every naming once at least; what differs in depth only is held by names and
# counts. Odd sizes, so that the rounding of strides and pools is checked too; AlexNet and VGG have a fixed grid.
CASES = {
    "torchvision": {
        "alexnet": (224, []),
        "vgg13_bn": (224, []),
        "googlenet": (75, []),
        "inception_v3": (107, []),
        **{name: (65, RESIDUALS["basic"]) for name in ["resnet18", "resnet34"]},
        **{name: (65, RESIDUALS["bottleneck"]) for name in ["resnet50", "resnet152", "resnext50_32x4d"]},
        **{name: (71, []) for name in ["squeezenet1_0", "squeezenet1_1"]},
        **{f"densenet{depth}": (71, []) for depth in [121, 161]},
        **{name: (69, MOBILE) for name in ["mobilenet_v2", "mobilenet_v3_large"]},
        "mobilenet_v3_small": (69, []),
        **{f"efficientnet_b{i}": (69, INVERTED) for i in [0, 1, 2, 3, 4, 5, 7]},
        **{f"regnet_y_{size}": (65, REGNET) for size in ["400mf", "1_6gf", "8gf"]},
        "vit_b_16": (64, VIT),
    },
    "timm": {
        "vgg13_bn": (224, []),
        "seresnet50": (65, RESIDUALS["gated"]),
        "seresnext50_32x4d": (65, RESIDUALS["gated"]),
        **{name: (69, MOBILE) for name in ["mobilenet_v2", "mobilenet_v3_large"]},
        "mobilenet_v3_small": (69, []),
        "efficientnet_b5": (69, INVERTED),
        **{f"tf_efficientnet_b{i}": (size, INVERTED) for i, size in [(0, 69), (1, 64), (4, 70)]},
        "regnet_y_800mf": (65, REGNET),
        "vit_b_16": (64, VIT),
    },
    "timm-legacy": {name: (65, RESIDUALS["gated"]) for name in ["seresnet50", "seresnext50_32x4d"]},
    "pytorchcv": {
        "alexnet": (224, []),
        "vgg11": (224, []),
        "inception_v3": (107, []),
        "resnet34": (65, RESIDUALS["basic"]),
        **{name: (65, RESIDUALS["bottleneck"]) for name in ["resnet50", "resnet50b", "resnext101_32x4d"]},
        **{name: (65, RESIDUALS["gated"]) for name in ["seresnet50", "seresnet101b", "seresnet152", "seresnext101_32x4d"]},
        "squeezenet1_1": (71, []),
        "densenet121": (71, []),
        "efficientnet_b1": (69, INVERTED),
        "tf_efficientnet_b0": (69, INVERTED),
        "regnet_y_400mf": (65, REGNET),
    },
    "fastai": {
        **{name: (65, RESIDUALS["basic"]) for name in ["xresnet18", "xresnet34_sa"]},
        **{name: (65, RESIDUALS["bottleneck"]) for name in ["xresnet50", "xresnet50_sa", "xresnet101"]},
    },
    "tutorial": {"improved_vgg16": (224, [])},
}


def write_reference(library, architecture):
    side, gains = CASES[library][architecture]
    network = build(library, architecture, CLASSES, side)
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(torch.from_numpy(fill(name, tuple(tensor.shape), gains)))
        logits = network(torch.from_numpy(pictures(PICTURES, side))).numpy()
    reference = {
        "made with": f"torch {torch.__version__}",
        "library": library,
        "architecture": architecture,
        "classes": CLASSES,
        "inputSize": side,
        "gains": gains,
        "logits": [[float(str(value)) for value in row] for row in logits],
    }
    path = Path(__file__).parent / library / f"{architecture}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
    spread = f"largest {abs(logits).max():.3g}, apart {abs(logits[0] - logits[1]).max():.3g}"
    print(library, architecture, spread, flush=True)


def requested():
    for argument in sys.argv[1:] or CASES:
        library, _, architecture = argument.partition("/")
        for name in [architecture] if architecture else CASES[library]:
            yield library, name


for case in requested():
    write_reference(*case)
