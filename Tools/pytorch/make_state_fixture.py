#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/state-dictionaries.json: what the state dictionaries of aam_resnet.py hold.

Names follow torchvision's ResNets. A dictionary is a list of "name shape" in PyTorch's order, as in
"bn1.weight [64]"; each model has 1000 classes. Those without attention are first compared with torchvision's and timm's
own models of the same name: the same names and shapes, and with the same weights the same logits.
"""

import json
import pathlib
import platform

import timm
import torch
import torchvision

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


def check_against_libraries(name):
    torch.manual_seed(1)
    ours = from_metadata({"model": name, "classes": "1000"}).double().eval()
    for module in ours.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    images = torch.randn(2, 3, 65, 70, dtype=torch.float64)
    for theirs in (torchvision.models.get_model(name), timm.create_model(name)):
        theirs = theirs.double().eval()
        theirs.load_state_dict(ours.state_dict(), strict=True)
        with torch.no_grad():
            torch.testing.assert_close(theirs(images), ours(images))


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    made = {
        "script": "Tools/pytorch/make_state_fixture.py", "python": platform.python_version(),
        "torch": torch.__version__, "torchvision": torchvision.__version__, "timm": timm.__version__,
    }
    for key, metadata in MODELS.items():
        if "attention" not in metadata:
            check_against_libraries(key)
    content = {"made": made}
    for key, metadata in MODELS.items():
        with torch.device("meta"):
            model = from_metadata(metadata | {"classes": "1000"})
        content[key] = [f"{name} {list(tensor.shape)}" for name, tensor in model.state_dict().items()]
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
    (root / "Tests/Fixtures/pytorch/state-dictionaries.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
