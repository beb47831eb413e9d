"""The three architectures exactly as torchvision defines them, with eight classes."""

import torch
from torchvision import models

from pictures import LABELS

ARCHITECTURES = ["squeezenet1_1", "googlenet", "efficientnet_b0"]


def build_network(name):
    if name == "googlenet":
        # The default initialisation samples a truncated normal on the CPU for minutes; Kaiming is as good with batch norm.
        network = models.googlenet(num_classes=len(LABELS), aux_logits=False, transform_input=False, init_weights=False)
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight, mode="fan_in", nonlinearity="relu")
        return network
    return getattr(models, name)(num_classes=len(LABELS))
