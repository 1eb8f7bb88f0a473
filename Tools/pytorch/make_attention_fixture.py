#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/attention.json: what PyTorch computes with each attention module of aam_resnet.py.

    y = relu(attention(F) + shortcut)        F is x, or its batch norm with the batch's statistics

in double precision, with the gradients of sum(y * g) by x, by the module's parameters and by the norm's. All that is
given comes from deterministic_weights.py by the names "images/x", "images/shortcut", "images/g",
"NUMBER.attention...." for the parameters of case NUMBER, "bn.weight" and "bn.bias". Without a norm, x is
relu(round(2 x) / 2): many equal maxima and zeros.
"""

import json
import pathlib
import platform

import torch
from torch import nn

import deterministic_weights
from aam_resnet import ATTENTION, DEFAULTS

SHAPE = (2, 18, 3, 2)
OPTIONS = [
    ("aam", {}),
    ("aam", {"attention-fusion": "product", "attention-kernel": "3", "spatial-kernel": "3"}),
    ("cbam", {"attention-ratio": "4"}),
    ("cbam", {"attention-ratio": "5", "spatial-kernel": "3"}),
    ("se", {"attention-ratio": "4"}),
    ("se", {"attention-ratio": "32"}),
    ("eca", {"attention-kernel": "auto"}),
    ("channel", {}),
    ("spatial", {}),
]


def given(name, shape=SHAPE):
    return torch.from_numpy(deterministic_weights.values(name, shape)).double()


def numbers(tensor):
    return [float(f"{value:.6g}") for value in tensor.detach().flatten().tolist()]


def case(number, kind, options, has_norm):
    module = ATTENTION[kind](SHAPE[1], DEFAULTS | options).double()
    for name, parameter in module.named_parameters():
        parameter.data = given(f"{number}.attention.{name}", tuple(parameter.shape))
    norm = nn.BatchNorm2d(SHAPE[1]).double()
    norm.weight.data, norm.bias.data = given("bn.weight", (SHAPE[1],)), given("bn.bias", (SHAPE[1],))
    x = given("images/x")
    if not has_norm:
        x = torch.relu(torch.round(2 * x) / 2)
    x.requires_grad_(True)
    y = torch.relu(module(norm(x) if has_norm else x) + given("images/shortcut"))
    (y * given("images/g")).sum().backward()
    gradients = {f"{number}.attention.{name}": parameter.grad for name, parameter in module.named_parameters()}
    if has_norm:
        gradients |= {"bn.weight": norm.weight.grad, "bn.bias": norm.bias.grad}
    return {
        "attention": kind, "options": DEFAULTS | options, "norm": has_norm, "y": numbers(y), "dx": numbers(x.grad),
        "gradients": {name: numbers(gradient) for name, gradient in gradients.items()},
    }


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    made = {
        "script": "Tools/pytorch/make_attention_fixture.py", "python": platform.python_version(),
        "torch": torch.__version__,
    }
    cases = [
        case(number, kind, options, has_norm)
        for number, (kind, options) in enumerate(OPTIONS) for has_norm in (True, False)
    ]
    lines = ",\n".join(json.dumps(item) for item in cases)
    (root / "Tests/Fixtures/pytorch/attention.json").write_text(
        f'{{"made": {json.dumps(made)}, "shape": {json.dumps(SHAPE)}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
