#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/state-dictionaries.json: what the state dictionaries of aam_resnet.py hold.

Names follow torchvision's ResNets. A dictionary is a list of "name shape" in PyTorch's order, as in
"bn1.weight [64]"; each model has 1000 classes.
"""

import json
import pathlib
import platform

import torch

from aam_resnet import from_metadata

MODELS = {
    "resnet18": {"model": "resnet18"},
    "resnet34": {"model": "resnet34"},
    "resnet50": {"model": "resnet50"},
    "resnet101": {"model": "resnet101"},
    "resnet18-aam-block": {"model": "resnet18", "attention": "aam"},
    "resnet50-aam-stage": {
        "model": "resnet50", "attention": "aam", "attention-placement": "stage", "attention-kernel": "auto",
    },
    "resnet18-cbam-block": {"model": "resnet18", "attention": "cbam"},
    "resnet18-se-stage": {
        "model": "resnet18", "attention": "se", "attention-placement": "stage", "attention-ratio": "4",
    },
}


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    made = {
        "script": "Tools/pytorch/make_state_fixture.py", "python": platform.python_version(),
        "torch": torch.__version__,
    }
    content = {"made": made}
    for key, metadata in MODELS.items():
        with torch.device("meta"):
            model = from_metadata(metadata | {"classes": "1000"})
        content[key] = [f"{name} {list(tensor.shape)}" for name, tensor in model.state_dict().items()]
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
    (root / "Tests/Fixtures/pytorch/state-dictionaries.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
