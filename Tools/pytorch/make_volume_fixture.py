#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/volumes.json: CBAM and its two halves on (N, C, D, H, W) as PyTorch computes them.

The modules are those of CBAM's common listing with 3-D operations: pooling over height and width keeps the depth, the
shared perceptron is two 1x1x1 convolutions with ratio 8, the spatial convolution is 3-D. Inputs and parameters come
from deterministic_weights.py by the names "images/volume", "images/g", "attention.fc1.weight", ...; of large results
every STRIDE-th element is stored, with the sum of squares of all. Double precision; loss = sum(output * g).
"""

import json
import pathlib
import platform

import torch
from torch import nn

import deterministic_weights

SHAPE = (2, 256, 4, 8, 8)
STRIDE = 997


def given(name, shape):
    return torch.from_numpy(deterministic_weights.values(name, tuple(shape))).double()


class ChannelAttention(nn.Module):
    def __init__(self, channels, ratio=8):
        super().__init__()
        self.fc1 = nn.Conv3d(channels, channels // ratio, 1, bias=False)
        self.fc2 = nn.Conv3d(channels // ratio, channels, 1, bias=False)

    def forward(self, x):
        mean = nn.functional.adaptive_avg_pool3d(x, (x.shape[2], 1, 1))
        maximum = nn.functional.adaptive_max_pool3d(x, (x.shape[2], 1, 1))
        return torch.sigmoid(sum(self.fc2(torch.relu(self.fc1(pooled))) for pooled in (mean, maximum)))


class SpatialAttention(nn.Module):
    def __init__(self, kernel=7):
        super().__init__()
        self.conv = nn.Conv3d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x):
        return torch.sigmoid(self.conv(torch.cat([x.mean(1, keepdim=True), x.max(1, keepdim=True).values], 1)))


class CBAM(nn.Module):
    def __init__(self, channels, kernel):
        super().__init__()
        self.channel = ChannelAttention(channels)
        self.spatial = SpatialAttention(kernel)

    def forward(self, x):
        x = x * self.channel(x)
        return x * self.spatial(x)


def summary(tensor):
    flat = tensor.detach().flatten()
    return {
        "shape": list(tensor.shape), "squares": float(f"{flat.square().sum().item():.9g}"),
        "values": [float(f"{value:.7g}") for value in flat[::STRIDE if len(flat) > 4096 else 1 + len(flat) // 256]],
    }


def case(name, module):
    module = module.double()
    for key, parameter in module.named_parameters():
        # 1x1x1 kernels by the shape of the matrices that they are.
        shape = parameter.shape if parameter.shape[-1] > 1 else parameter.shape[:2]
        parameter.data = given(f"attention.{key}", shape).reshape(parameter.shape)
    x = given("images/volume", SHAPE).requires_grad_(True)
    y = module(x)
    (y * given("images/g", y.shape)).sum().backward()
    return {
        "module": name, "y": summary(y), "dx": summary(x.grad),
        "gradients": {f"attention.{key}": summary(parameter.grad) for key, parameter in module.named_parameters()},
    }


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    made = {
        "script": "Tools/pytorch/make_volume_fixture.py", "python": platform.python_version(),
        "torch": torch.__version__,
    }
    cases = [
        case("channel", ChannelAttention(SHAPE[1])), case("spatial 3", SpatialAttention(3)),
        case("spatial 7", SpatialAttention(7)), case("cbam 3", CBAM(SHAPE[1], 3)), case("cbam 7", CBAM(SHAPE[1], 7)),
    ]
    lines = ",\n".join(json.dumps(item) for item in cases)
    (root / "Tests/Fixtures/pytorch/volumes.json").write_text(
        f'{{"made": {json.dumps(made)}, "shape": {json.dumps(SHAPE)}, "stride": {STRIDE}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
