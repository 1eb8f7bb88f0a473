#!/usr/bin/env python3
"""Writes Tests/Fixtures/safetensors/python.safetensors with the safetensors package: one tensor of each element type.

The Swift tests know the values: elements 0, 1, 2, ... divided by 4, or whole for integers, alternating for booleans.
"""

import pathlib
import sys

import safetensors
import torch
from safetensors.torch import save_file

TYPES = {
    "f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16,
    "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "i8": torch.int8, "u8": torch.uint8,
}


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Tests/Fixtures/safetensors/python.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, kind in TYPES.items():
        numbers = torch.arange(6, dtype=torch.float64).reshape(2, 3)
        tensors[name] = (numbers / 4 if kind.is_floating_point else numbers).to(kind)
    tensors["bool"] = torch.tensor([False, True, False])
    tensors["scalar"] = torch.tensor(-9_000_000_000)
    tensors["empty"] = torch.zeros(0, 5)
    tensors['quoted "ä\n'] = torch.tensor([1.5])
    metadata = {"safetensors": safetensors.__version__, "torch": torch.__version__, "note": 'a "quoted" \\ line\n€ 😀'}
    save_file(tensors, path, metadata=metadata)


if __name__ == "__main__":
    main()
