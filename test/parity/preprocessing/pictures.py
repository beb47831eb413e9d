"""Draws the pictures of the reference set: noise in octaves as photographs have it, edges, lines and fine stripes."""

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageFont

ORIENTATION = 0x0112


def write_pictures(folder):
    """Every file that the decoder reads; `draw_rings` is drawn by the test itself and not stored."""
    # Odd sides: shrunk while it is decoded, this one would come out stretched.
    draw_photo(1501, 1333, seed=1, finest=1).save(folder / "photo-420.jpg", quality=70, subsampling="4:2:0")
    draw_photo(800, 1067, seed=2).save(folder / "photo-444.jpg", quality=70, subsampling="4:4:4")
    draw_photo(900, 600, seed=3).save(folder / "progressive-422.jpg", quality=70, subsampling="4:2:2", progressive=True)
    save_turned(draw_photo(1001, 749, seed=4), folder / "turned.jpg")
    draw_photo(701, 523, seed=5).convert("L").save(folder / "grey.jpg", quality=75)
    draw_photo(90, 70, seed=6).save(folder / "tiny.jpg", quality=85)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    draw_photo(640, 480, seed=7).save(folder / "srgb-profile.jpg", quality=70, icc_profile=srgb)
    # Its shrinks are by 6 to 30: every share that libjpeg may take.
    draw_photo(5120, 3840, seed=8, finest=5).save(folder / "phone.jpg", quality=25, subsampling="4:2:0", progressive=True)
    draw_screenshot(1990, 1500).quantize(64).save(folder / "screenshot.png", optimize=True)
    draw_transparent(600, 450).save(folder / "transparent.png", optimize=True)
    draw_photo(640, 360, seed=9).quantize(48, dither=Image.Dither.NONE).save(folder / "palette.png", optimize=True)
    draw_photo(1280, 853, seed=10).save(folder / "photo.webp", quality=60)
    draw_photo(1500, 150, seed=11).save(folder / "banner.webp", quality=60)


def draw_photo(width, height, seed, finest=0):
    """:param finest: binary logarithm of the smallest blob, in pixels"""
    rng = np.random.default_rng(seed)
    pixels = np.zeros((height, width, 3), np.float32)
    for octave in range(finest, 9):
        size = 2**octave
        coarse = rng.integers(0, 256, (height // size + 2, width // size + 2, 3), np.uint8)
        noise = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        pixels += (np.asarray(noise, np.float32) - 127.5) * size**0.75
    pixels = 122 + 46 * (pixels - pixels.mean()) / pixels.std()
    image = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    draw_edges(ImageDraw.Draw(image), width, height, rng)
    return image


def draw_edges(draw, width, height, rng):
    for i in range(30):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        reach = int(rng.integers(6, max(8, min(width, height) // 6)))
        colour = tuple(int(value) for value in rng.integers(0, 256, 3))
        if i % 3 == 0:
            draw.ellipse([x, y, x + reach, y + reach], fill=colour)
        elif i % 3 == 1:
            draw.line([x, y, x + 3 * reach, y + reach], fill=colour, width=int(rng.integers(1, 6)))
        else:
            for stripe in range(0, reach, 4):
                draw.line([x + stripe, y, x + stripe, y + reach], fill=colour, width=1)


def draw_screenshot(width, height):
    """A window with a page of text, a coloured panel and a thin grid."""
    image = Image.new("RGB", (width, height), "#dfe3ea")
    draw = ImageDraw.Draw(image)
    draw.rectangle([120, 90, 1250, height - 60], fill="white", outline="#8090a0")
    font = ImageFont.truetype("DejaVuSans.ttf", 15)
    line = "Sphinx of black quartz, judge my vow. 0123456789 "
    for row, top in enumerate(range(120, height - 100, 24)):
        start = row * 7 % len(line)
        draw.text((150, top), (line * 4)[start : start + 60 + row * 11 % 60], fill="#202428", font=font)
    draw.rectangle([1320, 90, 1900, 500], fill="#c81e28")
    for offset in range(0, 580, 20):
        draw.line([1320 + offset, 600, 1320 + offset, 1180], fill="#3050a0")
        draw.line([1320, 600 + offset, 1900, 600 + offset], fill="#3050a0")
    return image


def draw_transparent(width, height):
    """Colours in bands over a transparency that runs from nothing to full."""
    y, x = np.mgrid[0:height, 0:width]
    bands = np.stack([(x // 25 * 40) % 256, (y // 30 * 56) % 256, ((x + y) // 40 * 72) % 256], axis=-1)
    alpha = (x * 255 // (width - 1))[..., None]
    return Image.fromarray(np.concatenate([bands, alpha], axis=-1).astype(np.uint8), "RGBA")


def draw_rings(width, height):
    """Circles that grow finer from the top left, other ones in each channel; the test has the same formula."""
    y, x = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([((x * x + y * y) >> (10 + c)) & 255 for c in range(3)], axis=-1).astype(np.uint8))


def save_turned(image, path):
    """Stored lying on its side; the tag says to turn it by 90 degrees."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    image.transpose(Image.Transpose.ROTATE_90).save(path, quality=75, subsampling="4:2:0", exif=exif)
