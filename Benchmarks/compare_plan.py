#!/usr/bin/env python3
"""Compares the steps that `aam plan` predicts with steps measured over several hosts with slow links.

    compare_plan.py [--rates 1gbit 300mbit 100mbit] [--hosts 2] [--slots 1] [--model resnet18] [--batch-size-per-rank 8]
                    [--image-size 64] [--rounds 5] [--steps 3] [--json FILE]

The hosts are network namespaces of this machine, which share out its cores (deploy/netns/cluster, as root). The plan is
made from a profile of the step, measured on such hosts at once and without messages, anew in each round; from what a byte
costs the processors, which is the time of a large sum over links without a limit; and from the links: once as they are
set, with the usual efficiency of TCP, and once with the efficiency that a sum of 16 MiB has over them. The steps are
those of compare_network.py: `after` the backward, with `overlap`, and with `bfloat16`, which take turns with the profile.
Printed are medians over the rounds of the seconds, and of predicted over measured ones within a round: the machine's own
speed wanders.

Run it after `swift build -c release`.
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import tempfile

from compare_network import AAM, CLUSTER, SIDES, Side, cluster

COMPARED = ["after", "overlap", "bfloat16"]
LATENCY = "50us"
SUM = 16 << 20


class Hosts:
    """Hosts for what the plan is made from."""

    def __init__(self, name, settings):
        self.name = f"plan{os.getpid()}_{name}"
        cluster("up", self.name, "--owner", str(os.getpid()), *settings)

    def run(self, *command):
        subprocess.run(
            [str(CLUSTER), "on", "--name", self.name, "node1", "mpirun", str(AAM), *command], check=True,
            stdout=subprocess.DEVNULL)

    def end(self):
        cluster("down", self.name)

    def sum_seconds(self, folder):
        path = f"{folder}/allreduce.json"
        self.run("benchmark", "allreduce", "--mebibytes", str(SUM >> 20), "--json", path)
        figures = {figure["name"]: figure["value"] for figure in json.loads(pathlib.Path(path).read_text())}
        return figures[f"allreduce of {SUM >> 20} MiB"] / 1e3

    def profile(self, path, step, repetitions):
        self.run("benchmark", "step", "--profile", path, "--repetitions", str(repetitions), *step)


def sum_seconds(name, settings, folder):
    hosts = Hosts(name, settings)
    try:
        return hosts.sum_seconds(folder)
    finally:
        hosts.end()


def bits_a_second(rate):
    return float(rate[:-4]) * {"k": 1e3, "m": 1e6, "g": 1e9}[rate[-4]]


def planned(profile, rate, nodes, path, *options, latency=LATENCY):
    """The seconds of a step; the plan itself goes to `path`."""
    subprocess.run(
        [str(AAM), "plan", "--profile", profile, "--bandwidth", rate, "--latency", latency, "--nodes", str(nodes),
         "--json", path, *options], check=True, stdout=subprocess.DEVNULL)
    return json.loads(pathlib.Path(path).read_text())["rows"][0]["stepSeconds"]


def compare(arguments, rate, folder, plain, overhead, efficiency):
    settings = ["--hosts", str(arguments.hosts), "--slots", arguments.slots, "--rate", rate]
    step = ["--model", arguments.model, "--batch-size-per-rank", str(arguments.batch_size_per_rank),
            "--image-size", str(arguments.image_size), "--threads", "1"]
    running, rows = [], {name: [] for name in COMPARED}
    try:
        for name in COMPARED:
            running.append(Side(name, settings, f"{folder}/{name}.safetensors", step))
            running[-1].prepare()
        for number in range(arguments.rounds):
            profile = f"{folder}/profile{number}.json"
            plain.profile(profile, step, arguments.steps)
            for side in running:
                side.seconds = []
                side.turn(arguments.steps)
                nominal, predicted = (
                    planned(
                        profile, rate, arguments.hosts, f"{folder}/plan.json", "--byte-overhead", f"{overhead:.6f}ns",
                        "--efficiency", str(part), *SIDES[side.name])
                    for part in [0.95, efficiency])
                rows[side.name].append(
                    {"nominal": nominal, "predicted": predicted, "measured": statistics.median(side.seconds)})
    finally:
        for side in running:
            side.end()
    return rows


def main():
    # The jobs have sessions of their own: end them with this one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", nargs="+", default=["1gbit", "300mbit", "100mbit"])
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--slots", default="1")
    parser.add_argument("--model", default="resnet18")
    parser.add_argument("--batch-size-per-rank", type=int, default=8)
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    print(f"{arguments.model}, {arguments.hosts} hosts with {arguments.slots} ranks, {arguments.batch_size_per_rank} images "
          f"of {arguments.image_size} px a rank, medians of {arguments.rounds} rounds of {arguments.steps} steps")
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        # Between two hosts each sends and receives every byte of a buffer once.
        overhead = sum_seconds("two", ["--hosts", "2"], folder) * 1e9 / (2 * SUM)
        print(f"a byte costs {overhead:.2f} ns of each processor")
        plain = Hosts("plain", ["--hosts", str(arguments.hosts), "--slots", arguments.slots])
        try:
            for rate in arguments.rates:
                seconds = sum_seconds("limited", ["--hosts", "2", "--rate", rate], folder)
                efficiency = min(1, 8 * SUM / seconds / bits_a_second(rate))
                print(f"{rate}: sums get {efficiency:.0%} of the links")
                figures[rate] = compare(arguments, rate, folder, plain, overhead, efficiency)
                for name, rounds in figures[rate].items():
                    def median(value):
                        return statistics.median(value(row) for row in rounds)

                    text = f"  {name:9} measured {median(lambda row: row['measured']):6.3f} s"
                    for words, key in [("predicted", "predicted"), ("with the links as set", "nominal")]:
                        error = median(lambda row: row[key] / row["measured"]) - 1
                        text += f"   {words} {median(lambda row: row[key]):6.3f} s, error {error:+6.1%}"
                    print(text, flush=True)
        finally:
            plain.end()
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
