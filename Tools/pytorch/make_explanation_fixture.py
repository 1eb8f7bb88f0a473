#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/explanations.json: attention maps and Grad-CAM as PyTorch computes them.

Models of aam_resnet.py in evaluation mode and double precision, with the parameters, running statistics and images
"images/explained" that deterministic_weights.py makes. Every case has

    model          its metadata
    modules        by attention module, in the order of the forward: what its input was multiplied by
        channel    (N, C): every (C / 16)-th channel of each image; absent where the module weighs no channels
        position   (N, H, W): all of it; absent where the module weighs no positions
    logits         (N, classes)
    classes        a class for each image
    gradcam        by layer: Grad-CAM (Selvaraju et al. 2017) of these classes' logits by autograd, (N, H, W), each image's
                   divided by its maximum; zeros where it has none

A map is read off the module as it computes: by a hook on every convolution or perceptron that ends in a logistic function.
"""

import json
import pathlib
import platform

import torch

import deterministic_weights
from aam_resnet import from_metadata

SHAPE = (2, 3, 96, 64)
CLASSES = [3, 5]
SAMPLES = 16
LAYERS = ["layer1", "layer2", "layer3", "layer4"]
MODELS = [
    ({"model": "resnet18", "attention": "aam"}, LAYERS),
    ({"model": "resnet18", "attention": "none"}, ["layer4"]),
    ({"model": "resnet18", "attention": "aam", "attention-fusion": "product", "attention-placement": "stage"}, LAYERS),
    ({"model": "resnet18", "attention": "cbam", "attention-ratio": "8"}, ["layer3"]),
    ({"model": "resnet18", "attention": "cbam", "attention-placement": "stage"}, ["layer4"]),
    ({"model": "resnet18", "attention": "se"}, []),
    ({"model": "resnet18", "attention": "eca", "attention-kernel": "auto", "attention-placement": "stage"}, []),
    ({"model": "resnet18", "attention": "channel"}, []),
    ({"model": "resnet18", "attention": "spatial", "spatial-kernel": "5"}, []),
]


def numbers(tensor):
    return [float(f"{value:.6g}") for value in tensor.detach().flatten().tolist()]


def build(metadata):
    model = from_metadata(metadata | {"classes": "7"}).double().eval()
    model.load_state_dict({
        name: tensor if name.endswith("num_batches_tracked")
        else torch.from_numpy(deterministic_weights.values(name, tuple(tensor.shape))).double()
        for name, tensor in model.state_dict().items()
    })
    return model


def attention_modules(model):
    return [(name, module) for name, module in model.named_modules() if name.endswith(".attention")]


def watch(model, kind):
    """Records what each attention module multiplies by, as {name: {"channel": (N, C), "position": (N, H, W)}}."""
    maps = {}

    def record(name, part, value):
        # A perceptron that is called twice, by CBAM, is one sum under the logistic function.
        maps[name][part] = maps[name][part] + value if part in maps[name] else value

    for name, module in attention_modules(model):
        maps[name] = {}
        if hasattr(module, "spatial"):
            module.spatial.register_forward_hook(
                lambda _, __, out, name=name: record(name, "position", out[:, 0]))
        if kind == "se":
            module.fc2.register_forward_hook(lambda _, __, out, name=name: record(name, "channel", out))
        elif hasattr(module, "channel"):
            module.channel.register_forward_hook(
                lambda _, __, out, name=name: record(name, "channel", out.flatten(1)))
    return maps


def grad_cam(features, score):
    gradient, = torch.autograd.grad(score, features, retain_graph=True)
    weights = gradient.mean((2, 3), keepdim=True)
    cam = torch.relu((weights * features).sum(1))  # (N, H, W)
    peak = cam.amax((1, 2), keepdim=True)
    return torch.where(peak > 0, cam / peak, cam)


def case(metadata, layers):
    model = build(metadata)
    maps = watch(model, metadata["attention"])
    outputs = {}
    for layer in layers:
        getattr(model, layer).register_forward_hook(
            lambda _, __, out, layer=layer: outputs.__setitem__(layer, out))
    images = torch.from_numpy(deterministic_weights.values("images/explained", SHAPE)).double()
    logits = model(images)
    # An image's logits depend on that image alone, so the sum's gradient holds each image's.
    score = logits[torch.arange(len(CLASSES)), CLASSES].sum()
    modules = []
    for name, parts in maps.items():
        entry = {"name": name}
        if "channel" in parts:
            channel = torch.sigmoid(parts["channel"])
            entry["channel"] = numbers(channel[:, :: channel.shape[1] // SAMPLES])
        if "position" in parts:
            entry["position"] = numbers(torch.sigmoid(parts["position"]))
        modules.append(entry)
    return {
        "model": metadata | {"classes": "7"}, "modules": modules, "logits": numbers(logits), "classes": CLASSES,
        "gradcam": {layer: numbers(grad_cam(outputs[layer], score)) for layer in layers},
    }


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    made = {
        "script": "Tools/pytorch/make_explanation_fixture.py", "python": platform.python_version(),
        "torch": torch.__version__,
    }
    lines = ",\n".join(json.dumps(case(metadata, layers)) for metadata, layers in MODELS)
    (root / "Tests/Fixtures/pytorch/explanations.json").write_text(
        f'{{"made": {json.dumps(made)}, "shape": {json.dumps(SHAPE)}, "samples": {SAMPLES}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
