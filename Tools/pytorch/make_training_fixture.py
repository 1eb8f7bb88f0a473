#!/usr/bin/env python3
"""Writes Tests/Fixtures/pytorch/: what PyTorch computes for small training runs of aam_resnet.py.

Parameters and images come from deterministic_weights.py, so that the Swift tests rebuild them. Each run is computed in
double precision, which is stored as the truth, and three times in single precision: as PyTorch likes it, with channels
innermost, and without oneDNN. The largest absolute difference of these from the truth is stored as `float32Error`, for
the tests to derive their tolerance from. Where it is large, rounding moved a ReLU across zero or a maximum to another
element, which batch norm over few elements makes likely: ResNet-50's gradients here, so that only their norms are
stored, and no steps. A quantity is

    {"truth": [numbers], "float32Error": number}

and a run has

    logits, loss                training mode, first step
    gradients                   by parameter: norm (L2), sum, indices (row-major) and values at these indices: all of a
                                tensor of at most 128 elements, otherwise 16; the values' float32Error is over all elements
    evalLogitsBefore            evaluation mode, before any step, with the running statistics as generated
    stepLosses                  losses of the steps of torch.optim.SGD on the same batch, training-mode batch norm;
                                the first is `loss`
    parameterNormsAfter         after these steps, by parameter
    runningStatisticsAfter      of bn1 and of the last batch norm
    evalLogitsAfter
"""

import argparse
import json
import pathlib
import platform

import numpy
import torch

import deterministic_weights
from aam_resnet import from_metadata

SEED = 20240229
LABELS = [0, 3, 5, 6]
IMAGE_SHAPE = (4, 3, 64, 64)
SAMPLES = 16
WHOLE_BELOW = 128

# The images are those of `--search 12` with the smallest error, so that a gradient can be compared closely.
CASES = {
    "resnet18-aam-block-sum": {
        "images": "images/10",
        "model": {"model": "resnet18", "attention": "aam"},
        "optimizer": {"learningRate": 0.01, "momentum": 0.8, "weightDecay": 2.5e-4, "steps": 10},
    },
    "resnet18-none": {
        "images": "images/6",
        "model": {"model": "resnet18", "attention": "none"},
        "optimizer": {"learningRate": 0.01, "momentum": 0.8, "weightDecay": 2.5e-4, "steps": 10},
    },
    "resnet18-aam-stage-product": {
        "images": "images/9",
        "model": {
            "model": "resnet18", "attention": "aam", "attention-placement": "stage", "attention-fusion": "product",
        },
        # Attention on what a ReLU left makes this run chaotic: later, or at a rate of 0.01, the precisions part.
        "optimizer": {"learningRate": 0.0005, "momentum": 0.8, "weightDecay": 2.5e-4, "steps": 4},
    },
    "resnet50-aam-block-sum": {
        "images": "images/0",
        "model": {"model": "resnet50", "attention": "aam"},
        "optimizer": None,
    },
}
DEFAULTS = {
    "attention-placement": "block", "attention-fusion": "sum", "attention-kernel": "5", "spatial-kernel": "7",
    "classes": "7",
}


def build(metadata, dtype):
    torch.manual_seed(SEED)  # Every parameter is replaced; the seed guards against one that is forgotten.
    model = from_metadata(metadata)
    state = {
        name: tensor if name.endswith("num_batches_tracked")
        else torch.from_numpy(deterministic_weights.values(name, tuple(tensor.shape)))
        for name, tensor in model.state_dict().items()
    }
    model.load_state_dict(state, strict=True)
    return model.to(dtype)


def sample_indices(name, count):
    if count <= WHOLE_BELOW:
        return list(range(count))
    random = deterministic_weights.splitmix64(deterministic_weights.fnv1a(name + "#samples"), SAMPLES)
    return sorted(set(int(value) % count for value in random))


def run(metadata, images_name, optimization, dtype, memory_format=torch.contiguous_format, onednn=True):
    """All quantities of one run as float64 arrays, by a path of keys."""
    model = build(metadata, dtype).to(memory_format=memory_format)
    images = torch.from_numpy(deterministic_weights.values(images_name, IMAGE_SHAPE)).to(dtype)
    images = images.contiguous(memory_format=memory_format)
    labels = torch.tensor(LABELS)
    results = {}

    def record(path, tensor):
        results[path] = tensor.detach().to(torch.float64).reshape(-1).numpy().copy()

    def evaluate(path):
        model.eval()
        with torch.no_grad():
            record(path, model(images))
        model.train()

    def differentiate():
        logits = model(images)
        loss = torch.nn.functional.cross_entropy(logits, labels)
        loss.backward()
        return logits, loss

    with torch.backends.mkldnn.flags(enabled=onednn):
        evaluate(("evalLogitsBefore",))
        logits, loss = differentiate()
        record(("logits",), logits)
        record(("loss",), loss)
        for name, parameter in model.named_parameters():
            record(("gradients", name), parameter.grad)
        if optimization:
            optimizer = torch.optim.SGD(
                model.parameters(), lr=optimization["learningRate"], momentum=optimization["momentum"],
                weight_decay=optimization["weightDecay"])
            losses = [loss.item()]
            optimizer.step()
            while len(losses) < optimization["steps"]:
                optimizer.zero_grad()
                losses.append(differentiate()[1].item())
                optimizer.step()
            record(("stepLosses",), torch.tensor(losses, dtype=torch.float64))
            for name, parameter in model.named_parameters():
                record(("parameterNormsAfter", name), parameter.detach().to(torch.float64).norm())
            state = model.state_dict()
            for norm in ("bn1", "layer4.1.bn2"):
                for statistic in (f"{norm}.running_mean", f"{norm}.running_var"):
                    record(("runningStatisticsAfter", statistic), state[statistic])
            evaluate(("evalLogitsAfter",))
    return results


def runs(metadata, images_name, optimization):
    """The run in double precision, and a list of the same in single precision, each computed in another way."""
    double = run(metadata, images_name, optimization, torch.float64)
    return double, [
        run(metadata, images_name, optimization, torch.float32),
        run(metadata, images_name, optimization, torch.float32, memory_format=torch.channels_last),
        run(metadata, images_name, optimization, torch.float32, onednn=False),
    ]


def worst_gradient_error(double, singles):
    """The largest difference of a gradient's element, relative to the largest element of its tensor."""
    return max(
        float(numpy.abs(truth - single[path]).max() / numpy.abs(truth).max())
        for path, truth in double.items() if path[0] == "gradients" for single in singles)


def quantity(truth, others):
    errors = [numpy.abs(truth - other).max() for other in others]
    return {
        "truth": [float(f"{value:.12g}") for value in numpy.atleast_1d(truth)],
        "float32Error": float(f"{max(errors):.3g}"),
    }


def gradient_entry(name, truth, others, with_values):
    norm = numpy.linalg.norm
    entry = {
        "norm": quantity(norm(truth), [norm(other) for other in others]),
        "sum": quantity(truth.sum(), [other.sum() for other in others]),
    }
    if with_values:
        indices = sample_indices(name, truth.size)
        values = quantity(truth, others)  # The error is the largest of all elements.
        values["truth"] = [values["truth"][index] for index in indices]
        entry |= {"indices": indices, "values": values}
    return entry


def compare(double, singles, with_values):
    case = {}
    for path, truth in double.items():
        others = [single[path] for single in singles]
        if path[0] == "gradients":
            entry = gradient_entry(path[1], truth, others, with_values)
        else:
            entry = quantity(truth, others)
        target = case
        for key in path[:-1]:
            target = target.setdefault(key, {})
        target[path[-1]] = entry
    return case


def generator_samples():
    """First elements of one tensor of each rule, for a test of the Swift twin on its own."""
    shapes = {
        "images": IMAGE_SHAPE, "layer1.0.attention.channel.weight": (1, 1, 5),
        "layer1.0.attention.spatial.weight": (1, 2, 7, 7), "fc.weight": (7, 512), "fc.bias": (7,),
        "bn1.running_mean": (64,), "bn1.running_var": (64,), "bn1.weight": (64,), "bn1.bias": (64,),
        "conv1.weight": (64, 3, 7, 7), "layer2.0.downsample.0.weight": (128, 64, 1, 1),
    }
    samples = []
    for name, shape in shapes.items():
        array = deterministic_weights.values(name, shape)
        flat = array.reshape(-1)
        samples.append({
            "name": name, "shape": list(shape), "hash": f"{deterministic_weights.fnv1a(name):016x}",
            "firstBits": [int(bits) for bits in flat[:5].view(numpy.uint32)],
            "lastBits": int(flat[-1:].view(numpy.uint32)[0]),
            "sum": float(flat.astype(numpy.float64).sum()),
        })
    return samples


def search(count):
    for name, chosen in CASES.items():
        for number in range(count):
            images_name = f"images/{number}"
            error = worst_gradient_error(*runs(DEFAULTS | chosen["model"], images_name, None))
            print(f"{name} {images_name} {error:.2g}", flush=True)


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=root / "Tests/Fixtures/pytorch")
    parser.add_argument("--search", type=int, default=0, metavar="COUNT",
                        help="write nothing; print how well-conditioned the gradients of COUNT batches are, by case")
    arguments = parser.parse_args()
    torch.use_deterministic_algorithms(True)
    if arguments.search:
        return search(arguments.search)
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "script": "Tools/pytorch/make_training_fixture.py", "python": platform.python_version(),
        "torch": torch.__version__, "numpy": numpy.__version__, "seed": SEED,
    }

    def write(name, content):
        lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in content.items())
        (folder / name).write_text("{\n" + lines + "\n}\n")

    write("deterministic-weights.json", {"made": made, "samples": generator_samples()})
    for name, chosen in CASES.items():
        metadata, optimization = DEFAULTS | chosen["model"], chosen["optimizer"]
        double, singles = runs(metadata, chosen["images"], optimization)
        case = compare(double, singles, with_values=optimization is not None)
        write(f"{name}.json", {
            "made": made, "model": metadata, "images": chosen["images"], "imageShape": IMAGE_SHAPE, "labels": LABELS, "optimizer": optimization,
        } | case)
        losses = case.get("stepLosses", case["loss"])
        print(name, "losses", [round(loss, 4) for loss in losses["truth"]], "float32 error", losses["float32Error"],
              "worst gradient", f"{worst_gradient_error(double, singles):.2g}")


if __name__ == "__main__":
    main()
