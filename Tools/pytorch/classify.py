#!/usr/bin/env python3
"""Classifies images with a model that `aam export --format safetensors` wrote.

    python3 SCRIPT IMAGE... [--weights FILE] [--top K]

prints the most probable classes of each image. From other programs: load() returns the model and what it must be known,
preprocess() an image as the model wants it. Needs torch, pillow, numpy and safetensors.
"""

import argparse
import json
import pathlib

import numpy
import torch
from PIL import Image, ImageOps
from safetensors import safe_open
from torch import nn

from aam_resnet import from_metadata

WEIGHTS = pathlib.Path(__file__).with_name("model.safetensors")


def without_batch_norms(model):
    """Gives each convolution that a batch norm follows a bias, and takes the batch norm away."""
    for module in list(model.modules()):
        children = list(module.named_children())
        for (name, convolution), (norm_name, norm) in zip(children, children[1:]):
            if isinstance(norm, nn.BatchNorm2d):
                convolution.bias = nn.Parameter(torch.zeros(convolution.out_channels))
                module.register_module(norm_name, nn.Identity())
    return model


def load(weights=WEIGHTS):
    """The model in evaluation mode, and the file's metadata: text by key."""
    with safe_open(weights, framework="pt") as file:
        metadata = file.metadata()
        state = {name: file.get_tensor(name) for name in file.keys()}
    model = from_metadata(metadata)
    if metadata["batch-norm"] == "folded":
        model = without_batch_norms(model)
    model.load_state_dict(state, strict=True)
    return model.eval(), metadata


def preprocess(image, metadata):
    """A PIL image -> (1, 3, H, W), the very numbers that aam makes of it. A bounding box is the caller's to cut out."""
    options = json.loads(metadata["preprocessing"])
    image = ImageOps.exif_transpose(image).convert("RGB")
    if resize := options.get("resize"):
        (width, height), side = image.size, resize["shorter-side"]
        size = (side, side * height // width) if width <= height else (side * width // height, side)
        image = image.resize(size, Image.Resampling[resize["filter"].upper()])
        crop = resize["center-crop"]
        left, top = (round((length - crop) / 2) for length in size)
        image = image.crop((left, top, left + crop, top + crop))
    pixels = numpy.asarray(image, numpy.float32) / 255
    pixels = (pixels - numpy.float32(options["mean"])) / numpy.float32(options["std"])
    return torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="+", type=pathlib.Path, metavar="IMAGE")
    parser.add_argument("--weights", type=pathlib.Path, default=WEIGHTS, help="(default: %(default)s)")
    parser.add_argument("--top", type=int, default=5, metavar="K", help="classes to print (default: %(default)s)")
    arguments = parser.parse_args()
    model, metadata = load(arguments.weights)
    names = json.loads(metadata["class-names"])
    for path in arguments.images:
        with Image.open(path) as image, torch.inference_mode():
            probabilities = model(preprocess(image, metadata)).softmax(1)[0]
        print(path)
        best = probabilities.topk(min(arguments.top, len(names)))
        for probability, index in zip(best.values.tolist(), best.indices.tolist()):
            print(f"  {100 * probability:6.2f} %  {names[index]}")


if __name__ == "__main__":
    main()
