"""Weights and inputs that any language makes bit for bit, so that nobody has to store them. See README.md."""

import math
import re

import numpy

MASK = 0xFFFFFFFF
GOLDEN_RATIO = 0x9E3779B9


def seed_of(name):
    """32-bit FNV-1a of the tensor's name."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & MASK
    return seed


def noise(name, count):
    """-> float64 [count], uniform in [-1, 1) in steps of 2^-23: murmur3's finaliser over a counter."""
    with numpy.errstate(over="ignore"):
        h = numpy.arange(count, dtype=numpy.uint32) * numpy.uint32(GOLDEN_RATIO) + numpy.uint32(seed_of(name))
        h = (h ^ (h >> numpy.uint32(16))) * numpy.uint32(0x85EBCA6B)
        h = (h ^ (h >> numpy.uint32(13))) * numpy.uint32(0xC2B2AE35)
        h = h ^ (h >> numpy.uint32(16))
    return (h >> numpy.uint32(8)).astype(numpy.float64) / 2**23 - 1


def fill(name, shape, gains):
    """-> float32 of a shape: what the tensor of this name holds. `gains` are pairs of pattern and factor."""
    values = noise(name, math.prod(shape))
    gain = next((factor for pattern, factor in gains if re.search(pattern, name)), 1)
    if name.endswith("running_var"):
        values = 1 + values / 2
    elif name.endswith("running_mean") or name.endswith("bias"):
        values = values / 4
    elif len(shape) == 1:
        values = gain + values * (gain / 4)
    else:
        values = values * (gain * math.sqrt(6 / math.prod(shape[1:])))
    return values.astype(numpy.float32).reshape(shape)


def pictures(count, side):
    """-> float32 [count, 3, side, side]: triangle waves from -2 to 2 in steps of 1/8, of another frequency in each picture."""
    n, c, y, x = numpy.ogrid[:count, :3, :side, :side]
    wave = (x * (1 + n) + y * (2 + 3 * n) + ((x * y) >> 3) * (n & 3) + 21 * c) % 64
    return (numpy.abs(wave - 32) / 8 - 2).astype(numpy.float32)
