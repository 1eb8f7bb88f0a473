#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/recipe.json: what PyTorch computes for learning rate schedules, for steps with clipped
gradients, weight decay of some parameters and a moving average, and for cross-entropy with mixed labels.

The update's parameters are a weight of 3 x 4 and a bias of 5. Element i of either starts as ((37 i) mod 19 - 9) / 8; its
gradient in step s, from 0, is ((23 i + 11 s) mod 17 - 8) / 16, and eight times that in every third step: exact in single
precision, so that the Swift tests rebuild them.
"""

import json
import pathlib
import platform

import torch
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_avg_fn

STEPS = 20
KEPT = (1, 2, 20)


def rates(make, warmup, steps):
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=0.5)
    if warmup:
        rise = lr_scheduler.LinearLR(optimizer, start_factor=1 / (warmup + 1), total_iters=warmup)
        schedule = lr_scheduler.SequentialLR(optimizer, [rise, make(optimizer, steps - warmup)], milestones=[warmup])
    else:
        schedule = make(optimizer, steps)
    result = []
    for _ in range(steps):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return result


def schedules():
    def poly(optimizer, steps):
        return lr_scheduler.PolynomialLR(optimizer, total_iters=steps, power=0.9)

    def cosine(optimizer, steps):
        return lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps, eta_min=0.01)

    def step(optimizer, steps):
        return lr_scheduler.MultiStepLR(optimizer, milestones=[6, 10, 15], gamma=0.3)

    return [
        {"shape": "poly", "warmup": 0, "rates": rates(poly, 0, STEPS)},
        {"shape": "poly", "warmup": 4, "rates": rates(poly, 4, STEPS)},
        {"shape": "cosine", "warmup": 0, "rates": rates(cosine, 0, STEPS)},
        {"shape": "cosine", "warmup": 5, "rates": rates(cosine, 5, STEPS)},
        {"shape": "step", "warmup": 0, "rates": rates(step, 0, STEPS)},
    ]


class Parameters(torch.nn.Module):
    def __init__(self):
        super().__init__()
        start = lambda count: torch.tensor([((37 * i) % 19 - 9) / 8 for i in range(count)])
        self.weight = torch.nn.Parameter(start(12).reshape(3, 4))
        self.bias = torch.nn.Parameter(start(5))


def update():
    model = Parameters()
    optimizer = torch.optim.SGD(
        [{"params": [model.weight], "weight_decay": 0.01}, {"params": [model.bias], "weight_decay": 0.0}], lr=0.05,
        momentum=0.8, nesterov=True)
    average = AveragedModel(model, avg_fn=get_ema_avg_fn(0.9))
    results, norms = [], []
    for step in range(STEPS):
        factor = 8 if step % 3 == 2 else 1
        for parameter in (model.weight, model.bias):
            values = [factor * ((23 * i + 11 * step) % 17 - 8) / 16 for i in range(parameter.numel())]
            parameter.grad = torch.tensor(values).reshape(parameter.shape)
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), 1.5).item())
        optimizer.step()
        average.update_parameters(model)
        if step + 1 in KEPT:
            flat = lambda module: module.weight.flatten().tolist() + module.bias.tolist()
            results.append({"steps": step + 1, "values": flat(model), "averages": flat(average.module)})
    assert min(norms) < 1.5 < max(norms), norms
    return results


def mixed_labels():
    logits = torch.tensor([[((29 * i + 7 * n) % 23 - 11) / 4 for i in range(6)] for n in range(4)], requires_grad=True)
    labels, others, weights = [0, 5, 2, 3], [1, 2, 2, 0], [0.75, 0.125, 0.5, 1.0]
    targets = torch.zeros(4, 6)
    for row, (label, other, weight) in enumerate(zip(labels, others, weights)):
        targets[row, label] += weight
        targets[row, other] += 1 - weight
    losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    losses.sum().backward()
    return {"labels": labels, "others": others, "weights": weights, "losses": losses.tolist(),
            "gradient": logits.grad.flatten().tolist()}


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    fixture = {
        "madeBy": f"Python {platform.python_version()}, PyTorch {torch.__version__}",
        "schedules": schedules(), "update": update(), "mixedLabels": mixed_labels(),
    }
    path = root / "Tests" / "Fixtures" / "pytorch" / "recipe.json"
    path.write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main()
