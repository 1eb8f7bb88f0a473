#!/usr/bin/env python3
"""The PyTorch side of compare_step.py: the same training steps as `aam benchmark step`, from the same weights and batch.

    pytorch_step.py PROBLEM.safetensors [--compile] [--threads N] [--ranks N --rank R --port P] [--inference]

Checks that the first two losses are those in the file (one rank), prints them, then repeats steps and prints
the seconds of each until it is killed. Needs torch 2.13.0 (CPU) and safetensors.
"""

import argparse
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Tools" / "pytorch"))

import torch
from safetensors import safe_open
from safetensors.torch import load_file

from aam_resnet import from_metadata

# Those of Sources/Benchmarking/StepBenchmark.swift. So small a rate because a ResNet-50's first gradients are so steep that at
# 1e-3 PyTorch's own single and double precision part by 0.3 % of the loss after one step.
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 1e-6, 0.9, 5e-4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("problem")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--inference", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--ranks", type=int, default=1)
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument("--port", type=int, default=29500)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    with safe_open(arguments.problem, framework="pt") as file:
        model = from_metadata(file.metadata())
    tensors = load_file(arguments.problem)
    images, labels, expected = (tensors.pop(name) for name in ("images", "labels", "losses"))
    model.load_state_dict(tensors, strict=True)
    del tensors
    model.train()
    if arguments.ranks > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(arguments.port))
        torch.distributed.init_process_group("gloo", rank=arguments.rank, world_size=arguments.ranks)
        model = torch.nn.parallel.DistributedDataParallel(model)
    forward = torch.compile(model) if arguments.compile else model
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    criterion = torch.nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = criterion(forward(images), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def infer():
        with torch.inference_mode():
            forward(images)

    losses = [step(), step()]
    print("losses", *losses, flush=True)
    if arguments.ranks == 1:
        # The first loss checks the forward, its fall in one step the gradient.
        first, second = expected.tolist()
        fall, wanted_fall = losses[0] - losses[1], first - second
        if abs(losses[0] - first) > 1e-5 * first or abs(fall - wanted_fall) > 0.01 * wanted_fall + 2e-6 * first:
            raise SystemExit(f"pytorch_step.py: losses {losses}, but aam has {expected.tolist()}")
    if arguments.inference:
        model.eval()
        infer()
    while True:
        start = time.perf_counter()
        infer() if arguments.inference else step()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
