"""Writes pictures/ and pillow/: what Pillow makes of each picture for each spec. Needs numpy and Pillow; see README.md."""

import json
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

import pictures

FOLDER = Path(__file__).parent
RINGS = (4000, 3000)
SAMPLES = 512
# A prime: steps through all pixels of any picture in an order that knows no rows.
STRIDE = 15485863
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
SIDES = {
    "bilinear": [(128, 112), (224, 224), (256, 224), (232, 224), (299, 299), (342, 299)],
    "bicubic": [(224, 224), (256, 224), (232, 224), (299, 299), (342, 299), (256, 240), (288, 288), (320, 300), (384, 380)]
    + [(side, side) for side in (456, 528, 600)],
}


def main():
    (FOLDER / "pictures").mkdir(exist_ok=True)
    (FOLDER / "pillow").mkdir(exist_ok=True)
    pictures.write_pictures(FOLDER / "pictures")
    specs = list(list_specs())
    files = sorted(path.name for path in (FOLDER / "pictures").iterdir())
    for name in files:
        write_samples(name, open_on_white(FOLDER / "pictures" / name), specs)
    write_samples("rings", pictures.draw_rings(*RINGS), specs)
    reference = {"samples": SAMPLES, "stride": STRIDE, "rings": RINGS, "pictures": files, "specs": specs}
    (FOLDER / "pillow" / "reference.json").write_text(json.dumps(reference, indent=2) + "\n")


def list_specs():
    for interpolation, sides in SIDES.items():
        for resize, crop in sides:
            yield {"fit": "shortest-edge", "resize": resize, "height": crop, "width": crop, "interpolation": interpolation}
        yield {"fit": "stretch", "resize": 224, "height": 224, "width": 224, "interpolation": interpolation}


def open_on_white(path):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode != "RGBA":
        return image.convert("RGB")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, image).convert("RGB")


def write_samples(name, image, specs):
    rows = [sample(preprocess(image, spec)) for spec in specs]
    Image.fromarray(np.stack(rows)).save(FOLDER / "pillow" / f"{name}.png", optimize=True)


def preprocess(image, spec):
    """torchvision's Resize and CenterCrop, or a plain resize of both sides."""
    resampling = FILTERS[spec["interpolation"]]
    crop = spec["width"]
    if spec["fit"] == "stretch":
        return image.resize((crop, crop), resampling)
    short = min(image.size)
    width, height = (int(spec["resize"] * side / short) for side in image.size)
    resized = image.resize((width, height), resampling)
    left, top = round((width - crop) / 2), round((height - crop) / 2)
    return resized.crop((left, top, left + crop, top + crop))


def sample(image):
    pixels = np.asarray(image).reshape(-1, 3)
    return pixels[np.arange(SAMPLES) * STRIDE % len(pixels)]


main()
