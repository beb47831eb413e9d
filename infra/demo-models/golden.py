"""Inputs that any language makes bit for bit: whole numbers only, then one division by a power of two."""

import torch

COUNT = 8
SIDE = 112
GOLDEN_FORMULA = (
    "m = (x*(1+n) + y*(2+3*n) + ((x*y) >> 3)*(n & 3) + 21*c) mod 64; value = |m - 32| / 8 - 2"
)


def golden_inputs():
    """-> float32 [8, 3, 112, 112], NCHW, values -2 to 2 in steps of 1/8; n is the input, c the channel."""
    n = torch.arange(COUNT).view(-1, 1, 1, 1)
    c = torch.arange(3).view(1, -1, 1, 1)
    y = torch.arange(SIDE).view(1, 1, -1, 1)
    x = torch.arange(SIDE).view(1, 1, 1, -1)
    wave = (x * (1 + n) + y * (2 + 3 * n) + ((x * y) >> 3) * (n & 3) + 21 * c) % 64
    return (wave - 32).abs().float() / 8 - 2
