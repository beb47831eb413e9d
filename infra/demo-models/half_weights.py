"""Reads and writes safetensors files of half-precision tensors: a length, a JSON header, then the bytes."""

import json

import numpy as np
import torch


def write_half(path, tensors, metadata):
    """`tensors`: name -> float tensor. Raises ValueError when a value does not fit half precision."""
    header, blobs, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in sorted(tensors.items()):
        half = tensor.detach().to(torch.float16).contiguous()
        if not torch.isfinite(half).all():
            raise ValueError(f"{name}: expected values within +-65504, received {tensor.abs().max().item()}")
        blob = half.numpy().astype("<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(half.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # Tensors start at a multiple of eight, as the format asks.
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def read_half(path):
    """-> name -> float32 tensor."""
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header.pop("__metadata__", None)
    return {name: read_tensor(content, start, entry) for name, entry in header.items()}


def read_tensor(content, start, entry):
    first, end = entry["data_offsets"]
    values = np.frombuffer(content[start + first:start + end], dtype="<f2").astype(np.float32)
    return torch.from_numpy(values).reshape(entry["shape"])
