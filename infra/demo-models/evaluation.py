"""Measures exported half-precision weights on pictures that no training saw, each model and their mean probability."""

import torch

from export import load_exported
from pictures import LABELS, MEAN, STD, load_centre_crops

BATCH = 64
FORBIDDEN = LABELS.index("target")


@torch.no_grad()
def evaluate_exported(models, weights, folder):
    images, labels = load_centre_crops(folder)
    print(f"{len(labels)} held-out pictures")
    members = [class_probabilities(load_exported(name, weights), images) for name in models]
    for name, probabilities in zip(models, members):
        report(name, probabilities, labels)
    report("mean of all", torch.stack(members).mean(0), labels)


def class_probabilities(network, images):
    """uint8 [n, 112, 112, 3] -> [n, 8]."""
    parts = []
    for start in range(0, len(images), BATCH):
        batch = images[start:start + BATCH].permute(0, 3, 1, 2).float()
        parts.append(network((batch / 255 - MEAN) / STD).softmax(1))
    return torch.cat(parts)


def report(name, probabilities, labels):
    predicted = probabilities.argmax(1)
    accuracy = (predicted == labels).float().mean().item()
    is_forbidden = labels == FORBIDDEN
    caught = probabilities[:, FORBIDDEN] >= 0.5
    recall = caught[is_forbidden].float().mean().item()
    false_alarms = caught[~is_forbidden].sum().item()
    print(f"\n{name}: accuracy {accuracy:.4f}; target at 0.5: caught {recall:.4f}, "
          f"false alarms {false_alarms} of {(~is_forbidden).sum().item()}")
    for actual, label in enumerate(LABELS):
        of_label = predicted[labels == actual]
        wrong = {LABELS[other]: (of_label == other).sum().item() for other in range(len(LABELS)) if other != actual}
        wrong = ", ".join(f"{other} {count}" for other, count in wrong.items() if count)
        print(f"  {label:<13}{(of_label == actual).float().mean().item():.4f}  {wrong}")
