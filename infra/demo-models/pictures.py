"""Reads generated pictures as production does: shorter side to RESIZE, bilinear; the label is the file name's prefix."""

from multiprocessing import Pool
from pathlib import Path

import numpy as np
import torch
from PIL import Image

LABELS = ["checkerboard", "fish", "flower", "house", "mountains", "starburst", "target", "umbrella"]
RESIZE = 128
CROP = 112
# Training crops are taken at random from this square, so that they can also lie beside the centre.
TRAINING_SIDE = 144
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def load_pictures(folder):
    """-> uint8 [n, 144, 144, 3] and class ids [n]; the decoded pixels are kept in a file beside the folder."""
    return load_cached(folder, TRAINING_SIDE, TRAINING_SIDE)


def load_centre_crops(folder):
    """-> uint8 [n, 112, 112, 3] and class ids [n], what a model sees in production."""
    return load_cached(folder, RESIZE, CROP)


def load_cached(folder, resize, crop):
    cache = folder.parent / f"{folder.name}-{resize}-{crop}.npz"
    if not cache.exists():
        names = sorted(path.name for path in folder.glob("*.jpg"))
        with Pool(2) as pool:
            pixels = pool.starmap(load_square, [(folder / name, resize, crop) for name in names], chunksize=64)
        labels = [LABELS.index(name.split("-")[0]) for name in names]
        np.savez(cache, pixels=np.stack(pixels), labels=np.array(labels, dtype=np.int64))
    loaded = np.load(cache)
    return torch.from_numpy(loaded["pixels"]), torch.from_numpy(loaded["labels"])


def load_square(path, resize, crop):
    """Shorter side to `resize` (the longer is truncated to whole pixels), then the centre square of `crop` pixels."""
    image = Image.open(path).convert("RGB")
    width, height = image.size
    short = min(width, height)
    image = image.resize((int(width * resize / short), int(height * resize / short)), Image.BILINEAR)
    left, top = round((image.width - crop) / 2), round((image.height - crop) / 2)
    return np.asarray(image.crop((left, top, left + crop, top + crop)))
