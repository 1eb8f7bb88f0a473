#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/losses.json: losses and their gradients as PyTorch computes them in double precision.

Inputs come from deterministic_weights.py: "images/features" after a ReLU, "images/pooled", "images/logits". CC-Loss is
written down here a second time, from DESIGN's formulas, with autograd for the gradient:

    g_i = mean over positions of the maximum over the kept channels of group i
    h_i = sum over positions of the maximum over the channels of group i of each channel's softmax over positions
    CC = cross-entropy(g, label) + lambda * (1 - mean_i h_i / size_i)
"""

import json
import pathlib
import platform

import torch
from torch.nn import functional

import deterministic_weights

LABELS = [2, 0, 3]
SHAPE = (3, 11, 3, 2)
CLASSES = 4
LAMBDA = 10
SCALE = 0.37


def given(name, shape):
    return torch.from_numpy(deterministic_weights.values(name, shape)).double()


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def cross_channel(sizes, kept):
    features = torch.relu(given("images/features", SHAPE)).requires_grad_(True)
    planes = features.flatten(2)
    scores, diversities, start = [], [], 0
    for size in sizes:
        group = planes[:, start:start + size]
        mask = torch.tensor(kept)[:, start:start + size, None]
        scores.append(group.masked_fill(~mask, -torch.inf).max(1).values.mean(1))
        diversities.append(group.softmax(2).max(1).values.sum(1) / size)
        start += size
    losses = functional.cross_entropy(torch.stack(scores, 1), torch.tensor(LABELS), reduction="none")
    losses = losses + LAMBDA * (1 - torch.stack(diversities, 1).mean(1))
    (SCALE * losses.sum()).backward()
    return {
        "sizes": sizes, "kept": kept, "losses": numbers(losses), "gradient": numbers(features.grad),
    }


def masks(sizes):
    """Half of each group is left out, in another way for each image."""
    return [
        [(index + image) % size >= size // 2 for size in sizes for index in range(size)]
        + [True] * (SHAPE[1] - sum(sizes)) for image in range(SHAPE[0])
    ]


def center(steps):
    """`steps` batches, after each of which the centres move (Wen et al. 2016, with a rate of 1/2)."""
    centers = torch.zeros(CLASSES, 6, dtype=torch.float64)
    results = []
    for step in range(steps):
        labels = torch.tensor([1, 3, 1, 0, 1])
        pooled = given(f"images/pooled/{step}", (5, 6)).requires_grad_(True)
        losses = 0.5 * (pooled - centers[labels]).square().sum(1)
        (SCALE * losses.sum()).backward()
        for k in range(CLASSES):
            members = pooled.detach()[labels == k]
            centers[k] -= 0.5 * (centers[k] - members).sum(0) / (1 + len(members))
        results.append({"losses": numbers(losses), "gradient": numbers(pooled.grad), "centers": numbers(centers)})
    return results


def smoothing(value):
    logits = given("images/logits", (3, CLASSES)).requires_grad_(True)
    losses = functional.cross_entropy(
        logits, torch.tensor(LABELS), reduction="none", label_smoothing=value)
    (SCALE * losses.sum()).backward()
    return {"smoothing": value, "losses": numbers(losses), "gradient": numbers(logits.grad)}


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    content = {
        "made": {
            "script": "Tools/pytorch/make_loss_fixture.py", "python": platform.python_version(),
            "torch": torch.__version__,
        },
        "shape": SHAPE, "labels": LABELS, "lambda": LAMBDA, "scale": SCALE,
        "crossChannel": [
            cross_channel([2, 3, 3, 3], masks([2, 3, 3, 3])), cross_channel([2, 2, 2, 2], masks([2, 2, 2, 2])),
            cross_channel([2, 3, 3, 3], [[True] * SHAPE[1]] * SHAPE[0]), cross_channel([1, 1, 1, 1], masks([1] * 4)),
        ],
        "center": center(3),
        "smoothing": [smoothing(0.1), smoothing(0.6)],
    }
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
    (root / "Tests/Fixtures/pytorch/losses.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
