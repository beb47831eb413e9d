"""Trains the three demo models from scratch on pictures that src/generate.ts drew. Commands: README.md beside this file.

Phases: `train` writes a checkpoint after every epoch and goes on from the last one, `export` writes half-precision
weights, cards and golden logits, `evaluate` measures the exported files.
"""

import argparse
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from evaluation import evaluate_exported
from export import export_all
from networks import ARCHITECTURES, build_network
from pictures import MEAN, STD, load_centre_crops, load_pictures

SEED = 20
BATCH = 64
# Stages of (input side in pixels, epochs): shapes are learnt on small inputs at a third of the cost. Random crops show
# objects larger than the centre crop of 112 does, so that a last stage at 96 already suits it.
PLANS = {
    "squeezenet1_1": {"stages": [(64, 10), (96, 4), (112, 4)], "rate": 8e-4},
    "googlenet": {"stages": [(64, 5), (96, 3)], "rate": 2e-3},
    "efficientnet_b0": {"stages": [(64, 7), (96, 3)], "rate": 3e-3},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("phase", choices=["train", "export", "evaluate"])
    parser.add_argument("--pictures", type=Path, required=True, help="folder with training, validation and held-out")
    parser.add_argument("--checkpoints", type=Path, required=True)
    parser.add_argument("--models", nargs="+", default=list(ARCHITECTURES), choices=ARCHITECTURES)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    weights = Path(__file__).parent / "weights"
    if options.phase == "train":
        train_all(options)
    elif options.phase == "export":
        export_all(options.models, options.checkpoints, weights, SEED)
    else:
        evaluate_exported(options.models, weights, options.pictures / "held-out")


def train_all(options):
    images, labels = load_pictures(options.pictures / "training")
    validation = load_centre_crops(options.pictures / "validation")
    options.checkpoints.mkdir(parents=True, exist_ok=True)
    for name in options.models:
        train_network(name, (images, labels), validation, options.checkpoints / f"{name}.pt")


def train_network(name, training, validation, checkpoint_path):
    plan = PLANS[name]
    torch.manual_seed(SEED)
    network = build_network(name).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=plan["rate"], weight_decay=0.01)
    sides = [side for side, epochs in plan["stages"] for _ in range(epochs)]
    first = 0
    if checkpoint_path.exists():
        saved = torch.load(checkpoint_path)
        network.load_state_dict(saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        first = saved["epoch"]
    for epoch in range(first, len(sides)):
        started = time.time()
        loss = train_epoch(network, optimiser, training, (epoch, len(sides), sides[epoch], plan["rate"]))
        accuracy = measure_accuracy(network, validation)
        seconds = time.time() - started
        print(f"{name} epoch {epoch + 1}/{len(sides)} side {sides[epoch]} loss {loss:.3f} "
              f"validation {accuracy:.4f} {seconds:.0f} s", flush=True)
        state = {"network": network.state_dict(), "optimiser": optimiser.state_dict(), "epoch": epoch + 1}
        torch.save(state, checkpoint_path.with_suffix(".part"))
        checkpoint_path.with_suffix(".part").rename(checkpoint_path)


def train_epoch(network, optimiser, training, schedule):
    epoch, epochs, side, peak_rate = schedule
    images, labels = training
    generator = torch.Generator().manual_seed(SEED * 1000 + epoch)
    order = torch.randperm(len(labels), generator=generator)
    steps = len(labels) // BATCH
    network.train()
    total = 0.0
    for step in range(steps):
        rate = rate_at((epoch * steps + step) / (epochs * steps), peak_rate)
        for group in optimiser.param_groups:
            group["lr"] = rate
        chosen = order[step * BATCH:(step + 1) * BATCH]
        batch = augment(images[chosen], side, generator)
        loss = F.cross_entropy(network(batch), labels[chosen], label_smoothing=0.05)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimiser.step()
        total += loss.item()
    return total / steps


def rate_at(progress, peak):
    """Linear warm-up over the first 8 % of all steps, then half a cosine down to 1 % of the peak."""
    if progress < 0.08:
        return peak * (0.02 + 0.98 * progress / 0.08)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (progress - 0.08) / 0.92)))


def augment(pixels, side, generator):
    """uint8 [n, 144, 144, 3] -> normalised float32 [n, 3, side, side]: random crop of 40 to 100 % of the area, aspect, flip."""
    count = len(pixels)
    images = pixels.permute(0, 3, 1, 2).float()
    if side < 100:  # Shrink first: bilinear sampling from far larger pixels would alias.
        images = F.interpolate(images, size=int(side * 1.25), mode="bilinear", antialias=True, align_corners=False)
    draw = torch.rand(5, count, generator=generator)
    scale = torch.sqrt(0.4 + 0.6 * draw[0])
    stretch = torch.exp((draw[1] - 0.5) * 0.3)
    width, height = (scale * stretch).clamp(max=1), (scale / stretch).clamp(max=1)
    flip = torch.where(draw[4] < 0.5, -1.0, 1.0)
    transform = torch.zeros(count, 2, 3)
    transform[:, 0, 0], transform[:, 0, 2] = width * flip, (2 * draw[2] - 1) * (1 - width)
    transform[:, 1, 1], transform[:, 1, 2] = height, (2 * draw[3] - 1) * (1 - height)
    grid = F.affine_grid(transform, (count, 3, side, side), align_corners=False)
    batch = F.grid_sample(images, grid, align_corners=False, padding_mode="reflection")
    return ((batch / 255 - MEAN) / STD).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def measure_accuracy(network, labelled):
    network.eval()
    images, labels = labelled
    right = 0
    for start in range(0, len(labels), BATCH):
        batch = images[start:start + BATCH].permute(0, 3, 1, 2).float()
        batch = ((batch / 255 - MEAN) / STD).contiguous(memory_format=torch.channels_last)
        right += (network(batch).argmax(1) == labels[start:start + BATCH]).sum().item()
    return right / len(labels)


if __name__ == "__main__":
    main()
