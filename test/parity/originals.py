"""The originals: networks of torchvision, timm, pytorchcv and fastai under the names of our architectures."""

import torchvision
from torch import nn

RESNETS = [f"resnet{depth}" for depth in [18, 34, 50, 101, 152]]
REGNETS = ["400mf", "800mf", "1_6gf", "3_2gf", "8gf", "16gf", "32gf"]
XRESNETS = [f"xresnet{depth}" for depth in [18, 34, 50, 101, 152]]

# library -> our name -> the library's
NAMES = {
    "torchvision": {
        name: name
        for name in [
            "alexnet",
            *[f"vgg{depth}{norm}" for depth in [11, 13, 16, 19] for norm in ["", "_bn"]],
            "googlenet",
            "inception_v3",
            *RESNETS,
            "resnext50_32x4d",
            "resnext101_32x8d",
            "squeezenet1_0",
            "squeezenet1_1",
            *[f"densenet{depth}" for depth in [121, 161, 169, 201]],
            "mobilenet_v2",
            "mobilenet_v3_large",
            "mobilenet_v3_small",
            *[f"efficientnet_b{i}" for i in range(8)],
            *[f"regnet_y_{size}" for size in REGNETS],
            "vit_b_16",
        ]
    },
    "timm": {
        **{f"vgg{depth}{norm}": f"vgg{depth}{norm}" for depth in [11, 13, 16, 19] for norm in ["", "_bn"]},
        "inception_v3": "inception_v3",
        **{name: name for name in RESNETS},
        "resnext50_32x4d": "resnext50_32x4d",
        "resnext101_32x8d": "resnext101_32x8d",
        "resnext101_32x4d": "resnext101_32x4d",
        "seresnet50": "seresnet50",
        "seresnet101": "seresnet101",
        "seresnet152": "seresnet152",
        "seresnext50_32x4d": "seresnext50_32x4d",
        "seresnext101_32x4d": "seresnext101_32x4d",
        **{f"densenet{depth}": f"densenet{depth}" for depth in [121, 161, 169, 201]},
        "mobilenet_v2": "mobilenetv2_100",
        "mobilenet_v3_large": "mobilenetv3_large_100",
        "mobilenet_v3_small": "mobilenetv3_small_100",
        **{f"efficientnet_b{i}": f"efficientnet_b{i}" for i in range(8)},
        **{f"tf_efficientnet_b{i}": f"tf_efficientnet_b{i}" for i in range(8)},
        **dict(
            zip(
                [f"regnet_y_{size}" for size in REGNETS],
                [f"regnety_{size}" for size in ["004", "008", "016", "032", "080", "160", "320"]],
            )
        ),
        "vit_b_16": "vit_base_patch16_224",
    },
    # ports of the weights that came with the paper
    "timm-legacy": {
        name: f"legacy_{name}"
        for name in ["seresnet50", "seresnet101", "seresnet152", "seresnext50_32x4d", "seresnext101_32x4d"]
    },
    "pytorchcv": {
        "alexnet": "alexnetb",
        **{f"vgg{depth}": f"vgg{depth}" for depth in [11, 13, 16, 19]},
        **{f"vgg{depth}_bn": f"bn_vgg{depth}b" for depth in [11, 13, 16, 19]},
        "inception_v3": "inceptionv3",
        **{name: name for name in RESNETS},
        **{name: name for name in ["resnet50b", "resnet101b", "resnet152b", "seresnet50b", "seresnet101b"]},
        **{name: name for name in ["resnext50_32x4d", "resnext101_32x4d", "seresnet50", "seresnet101", "seresnet152"]},
        "seresnext50_32x4d": "seresnext50_32x4d",
        "seresnext101_32x4d": "seresnext101_32x4d",
        "squeezenet1_0": "squeezenet_v1_0",
        "squeezenet1_1": "squeezenet_v1_1",
        **{f"densenet{depth}": f"densenet{depth}" for depth in [121, 161, 169, 201]},
        **{f"efficientnet_b{i}": f"efficientnet_b{i}" for i in [0, 1]},
        **{f"tf_efficientnet_b{i}": f"efficientnet_b{i}b" for i in range(8)},
        **dict(
            zip(
                [f"regnet_y_{size}" for size in REGNETS],
                [f"regnety{size}" for size in ["004", "008", "016", "032", "080", "160", "320"]],
            )
        ),
    },
    "fastai": {**{name: name for name in XRESNETS}, **{f"{name}_sa": name for name in XRESNETS}},
    "tutorial": {"improved_vgg16": "improved_vgg16"},
}


def build(library, architecture, classes, side=224):
    """-> the network with `classes` classes, for pictures of `side` pixels, ready to run"""
    name = NAMES[library][architecture]
    if library == "torchvision":
        options = {"image_size": side} if name == "vit_b_16" else {}
        if name in ["googlenet", "inception_v3"]:
            # Our graphs have no re-normalisation of their inputs: that belongs to the preprocessing of a model directory.
            options = {"aux_logits": False, "transform_input": False, "init_weights": False}
        return getattr(torchvision.models, name)(num_classes=classes, **options).eval()
    if library.startswith("timm"):
        import timm

        options = {"img_size": side} if architecture == "vit_b_16" else {}
        return timm.create_model(name, pretrained=False, num_classes=classes, **options).eval()
    if library == "pytorchcv":
        return build_pytorchcv(name, classes, side)
    if library == "fastai":
        from fastai.vision.models import xresnet

        return getattr(xresnet, name)(n_out=classes, sa=architecture.endswith("_sa")).eval()
    return build_improved_vgg(classes).eval()


def build_pytorchcv(name, classes, side):
    from pytorchcv.model_provider import get_model

    # Their last pool has the size that 224 or 299 pixels leave; for other sizes it has to cover all there is.
    options = {} if name.startswith("efficientnet") else {"in_size": (side, side)}
    network = get_model(name, pretrained=False, num_classes=classes, **options).eval()
    if isinstance(getattr(network.features, "final_pool", None), nn.AvgPool2d) and "squeezenet" not in name:
        network.features.final_pool = nn.AdaptiveAvgPool2d(1)
    if "squeezenet" in name:
        network.output.final_pool = nn.AdaptiveAvgPool2d(1)
    return network


def build_improved_vgg(classes):
    """The tutorial's VGG-16: batch norm in every block, dropout before the first fully connected layer."""
    layers, channels = [], 3
    for width, depth in zip([64, 128, 256, 512, 512], [2, 2, 3, 3, 3]):
        for _ in range(depth):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        layers.append(nn.MaxPool2d(2, 2))
    head = [nn.Dropout(), nn.Linear(512 * 49, 4096), nn.ReLU(), nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU()]
    network = nn.Sequential()
    network.add_module("features", nn.Sequential(*layers))
    network.add_module("flatten", nn.Flatten())
    network.add_module("classifier", nn.Sequential(*head, nn.Linear(4096, classes)))
    return network
