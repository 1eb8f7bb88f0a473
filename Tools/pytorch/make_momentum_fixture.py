#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/momentum-update.json: parameters and momenta that torch.optim.SGD computes.

Element i of 19 starts as ((37 i) mod 19 - 9) / 8, and its gradient in step s, from 0, is
((23 i + 11 s) mod 17 - 8) / 16: exact in single precision, so that the Swift tests rebuild them.
"""

import json
import pathlib
import platform

import torch

COUNT = 19
KEPT = (1, 2, 20)
CASES = [
    {"learningRate": 0.1, "momentum": 0.9, "weightDecay": 0.0005, "nesterov": False},
    {"learningRate": 0.05, "momentum": 0.8, "weightDecay": 0.01, "nesterov": True},
    {"learningRate": 0.1, "momentum": 0.0, "weightDecay": 0.0, "nesterov": False},
]


def run(case):
    parameter = torch.tensor([((37 * i) % 19 - 9) / 8 for i in range(COUNT)], requires_grad=True)
    optimizer = torch.optim.SGD(
        [parameter], lr=case["learningRate"], momentum=case["momentum"], weight_decay=case["weightDecay"],
        nesterov=case["nesterov"])
    results = []
    for step in range(max(KEPT)):
        parameter.grad = torch.tensor([((23 * i + 11 * step) % 17 - 8) / 16 for i in range(COUNT)])
        optimizer.step()
        if step + 1 in KEPT:
            buffer = optimizer.state[parameter].get("momentum_buffer")
            results.append({
                "steps": step + 1,
                "values": parameter.tolist(),
                "momenta": None if buffer is None else buffer.tolist(),
            })
    return {**case, "results": results}


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    fixture = {
        "madeBy": f"Python {platform.python_version()}, PyTorch {torch.__version__}",
        "cases": [run(case) for case in CASES],
    }
    path = root / "Tests" / "Fixtures" / "pytorch" / "momentum-update.json"
    path.write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main()
