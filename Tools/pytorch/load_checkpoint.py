#!/usr/bin/env python3
"""Loads a checkpoint of aam into aam_resnet.py and classifies images with it.

    load_checkpoint.py CHECKPOINT_DIR --images FILE.safetensors --out FILE.safetensors

The images are a tensor "images" (N, 3, H, W), normalised as in training. Written, and printed one image a line: "logits"
(N, classes), in evaluation mode. Every parameter and statistic must be there, and none more (strict).
Needs torch and safetensors.
"""

import argparse
import pathlib

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from aam_resnet import from_metadata


def load(checkpoint):
    """The model of a checkpoint folder, in evaluation mode."""
    path = pathlib.Path(checkpoint) / "model.safetensors"
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
    missing = [key for key in ("model", "classes") if key not in metadata]
    if missing:
        raise SystemExit(f"{path}: its metadata lacks {', '.join(missing)}, so the model it holds is unknown")
    model = from_metadata(metadata)
    model.load_state_dict(load_file(path), strict=True)
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    model = load(arguments.checkpoint)
    images = load_file(arguments.images)["images"]
    with torch.no_grad():
        logits = model(images)
    save_file({"logits": logits.contiguous()}, arguments.out)
    for row in logits.tolist():
        print(" ".join(f"{value:.9g}" for value in row))


if __name__ == "__main__":
    main()
