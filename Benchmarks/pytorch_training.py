#!/usr/bin/env python3
"""The PyTorch side of `aam ablate`: the same models, data, recipe and number of seeds, other random numbers.

    pytorch_training.py --data CUB_200_2011 [--attention none aam] [--seeds 1 2 3] [--model resnet18] [--epochs 30]
                        [--image-size 112] [--batch-size 16] [--learning-rate 0.02] [--csv FILE]

Trains each combination from scratch with the defaults of `aam train`: SGD with momentum 0.9 and weight decay 5e-4 on all
parameters, poly from the learning rate to 1e-5 (power 0.9), crops of 25 to 100 % of the area and mirroring; the last
images of an epoch that do not fill a batch are left out. Validates once, after the last epoch, on the test images,
resized and cut to their centre. Prints and appends to the CSV what `aam ablate` does: top-1 and top-5 of each run, then
mean and sample standard deviation. Runs that the CSV has already are skipped.

Needs torch 2.13.0 (CPU) and Pillow. One thread: `taskset -c 0` and two processes use two cores best.
"""

import argparse
import csv
import math
import pathlib
import random
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Tools" / "pytorch"))

import torch
from PIL import Image
from torch import nn

from aam_resnet import AggregateAttention, ResNet

MEAN, DEVIATION = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
END_LEARNING_RATE, POLY_POWER, MOMENTUM, WEIGHT_DECAY = 1e-5, 0.9, 0.9, 5e-4
CROP_SCALE, CROP_RATIO = (0.25, 1.0), (3 / 4, 4 / 3)


def read_cub(folder):
    """-> training and test images with labels from 0, decoded"""

    def table(name):
        with open(folder / name) as file:
            return dict(line.split() for line in file)

    paths, labels, training = table("images.txt"), table("image_class_labels.txt"), table("train_test_split.txt")
    classes = {name: index for index, name in enumerate(sorted(set(labels.values()), key=int))}
    splits = ([], [])
    for number, path in paths.items():
        with Image.open(folder / "images" / path) as image:
            sample = image.convert("RGB"), classes[labels[number]]
        splits[0 if training[number] == "1" else 1].append(sample)
    return *splits, len(classes)


def tensor(image):
    pixels = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).reshape(image.height, image.width, 3)
    return ((pixels / 255 - MEAN) / DEVIATION).permute(2, 0, 1).contiguous()


def random_crop(size, generator):
    """torchvision's RandomResizedCrop -> (left, top, right, bottom)"""
    width, height = size
    for _ in range(10):
        area = width * height * generator.uniform(*CROP_SCALE)
        ratio = math.exp(generator.uniform(math.log(CROP_RATIO[0]), math.log(CROP_RATIO[1])))
        w, h = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < w <= width and 0 < h <= height:
            x, y = generator.randint(0, width - w), generator.randint(0, height - h)
            return x, y, x + w, y + h
    ratio = min(max(width / height, CROP_RATIO[0]), CROP_RATIO[1])
    w, h = min(width, round(height * ratio)), min(height, round(width / ratio))
    x, y = (width - w) // 2, (height - h) // 2
    return x, y, x + w, y + h


def training_view(image, side, generator):
    crop = image.crop(random_crop(image.size, generator)).resize((side, side), Image.Resampling.BILINEAR)
    return tensor(crop.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if generator.random() < 0.5 else crop)


def validation_view(image, side):
    shorter = round(side / 0.875)
    width, height = (shorter * length // min(image.size) for length in image.size)
    x, y = round((width - side) / 2), round((height - side) / 2)
    return tensor(image.resize((width, height), Image.Resampling.BILINEAR).crop((x, y, x + side, y + side)))


def initialize(model):
    """Convolutions as torchvision's ResNets have them; AAM's kernels start at zero, other attention as PyTorch's layers do."""
    for name, module in model.named_modules():
        if isinstance(module, AggregateAttention):
            nn.init.zeros_(module.channel.weight)
            nn.init.zeros_(module.spatial.weight)
        elif isinstance(module, nn.Conv2d) and "attention" not in name:
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def train(arguments, attention, seed, training, classes):
    torch.manual_seed(seed)
    generator = random.Random(seed)
    model = ResNet(arguments.model, classes, {"attention": attention})
    initialize(model)
    optimizer = torch.optim.SGD(
        model.parameters(), lr=arguments.learning_rate, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    criterion = nn.CrossEntropyLoss()
    steps = len(training) // arguments.batch_size
    for epoch in range(arguments.epochs):
        start = time.monotonic()
        order, total = generator.sample(training, len(training)), 0
        for step in range(steps):
            done = (epoch * steps + step) / (arguments.epochs * steps)
            rate = END_LEARNING_RATE + (arguments.learning_rate - END_LEARNING_RATE) * (1 - done) ** POLY_POWER
            for group in optimizer.param_groups:
                group["lr"] = rate
            batch = order[step * arguments.batch_size:(step + 1) * arguments.batch_size]
            images = torch.stack([training_view(image, arguments.image_size, generator) for image, _ in batch])
            loss = criterion(model(images), torch.tensor([label for _, label in batch]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"{attention}-seed{seed}: epoch {epoch + 1}/{arguments.epochs}  loss {total / steps:.4f}"
              f"  {time.monotonic() - start:.1f} s", flush=True)
    return model


@torch.no_grad()
def validate(model, arguments, test):
    """-> parts of the test images whose class is the first, is among the first five"""
    model.eval()
    first = five = 0
    for start in range(0, len(test), arguments.batch_size):
        batch = test[start:start + arguments.batch_size]
        scores = model(torch.stack([validation_view(image, arguments.image_size) for image, _ in batch]))
        for row, (_, label) in zip(scores.topk(5).indices.tolist(), batch):
            first += row[0] == label
            five += label in row
    return first / len(test), five / len(test)


def percent(values):
    deviation = f" ± {100 * statistics.stdev(values):.1f}" if len(values) > 1 else ""
    return f"{100 * statistics.mean(values):.1f}{deviation} %"


def finished(path):
    if not path or not path.exists():
        return {}
    with open(path) as file:
        return {(row["attention"], int(row["seed"])): (float(row["top1"]), float(row["top5"]))
                for row in csv.DictReader(file)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--attention", nargs="+", default=["none", "aam"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--image-size", type=int, default=112)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--learning-rate", type=float, default=0.02)
    parser.add_argument("--csv", type=pathlib.Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    training, test, classes = read_cub(arguments.data)
    results = finished(arguments.csv)
    for attention in arguments.attention:
        for seed in arguments.seeds:
            if (attention, seed) in results:
                continue
            model = train(arguments, attention, seed, training, classes)
            results[attention, seed] = top1, top5 = validate(model, arguments, test)
            print(f"{attention}-seed{seed}: top-1 {percent([top1])}  top-5 {percent([top5])}", flush=True)
            if arguments.csv:
                is_new = not arguments.csv.exists()
                with open(arguments.csv, "a") as file:
                    if is_new:
                        file.write("attention,seed,top1,top5\n")
                    file.write(f"{attention},{seed},{top1},{top5}\n")
        runs = [results[attention, seed] for seed in arguments.seeds]
        print(f"| {attention} | {len(runs)} | {percent([run[0] for run in runs])} | {percent([run[1] for run in runs])} |",
              flush=True)


if __name__ == "__main__":
    main()
