"""Classifies a folder as the usual script does: Pillow, torchvision's transforms, batches, a model, softmax.

python plain_folder.py <folder> <architecture> [--batch 32] [--workers 0] [--threads 0] [--repeat 1]

Any weights cost the same, so none are fetched. Prints one JSON object: images, seconds (without loading the model).
"""

import argparse
import json
import pathlib
import time

import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms


class Folder(Dataset):
    def __init__(self, folder, repeat):
        self.paths = sorted(pathlib.Path(folder).glob("*.jpg")) * repeat
        self.transform = transforms.Compose(
            [
                transforms.Resize(256),
                transforms.CenterCrop(224),
                transforms.ToTensor(),
                transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            ]
        )

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.transform(Image.open(self.paths[index]).convert("RGB"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("architecture")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="0: as PyTorch chooses")
    parser.add_argument("--repeat", type=int, default=1)
    args = parser.parse_args()
    if args.threads > 0:
        torch.set_num_threads(args.threads)
    model = getattr(torchvision.models, args.architecture)(weights=None).eval()
    images = 0
    with torch.no_grad():
        model(torch.zeros(args.batch, 3, 224, 224))  # warm-up
        started = time.perf_counter()
        loader = DataLoader(
            Folder(args.folder, args.repeat), batch_size=args.batch, num_workers=args.workers
        )
        for batch in loader:
            scores = torch.softmax(model(batch), dim=1)
            scores.max(dim=1)
            images += len(batch)
        seconds = time.perf_counter() - started
    print(
        json.dumps(
            {
                "images": images,
                "seconds": seconds,
                "torch": torch.__version__,
                "threads": torch.get_num_threads(),
            }
        )
    )


main()
