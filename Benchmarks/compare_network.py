#!/usr/bin/env python3
"""Times training steps over several hosts with slow links, with and without overlap and with bfloat16 messages.

    compare_network.py [--rates 1gbit 100mbit] [--delay 0.1ms] [--hosts 2] [--slots 1] [--model resnet50]
                       [--batch-size-per-rank 8] [--image-size 224] [--rounds 5] [--steps 1] [--json FILE]

The hosts are network namespaces of this machine, which share out its cores (deploy/netns/cluster, as root). At each rate
the sides first agree on the losses of two steps: exactly, but for bfloat16, whose second loss follows rounded gradients.
Then they take turns, `--rounds` times `--steps` steps each; the ranks of the others are stopped (SIGSTOP). Printed are
the medians of the steps' seconds, with ratios to the side without overlap and to links that have no limit. The sides:

    unlimited          the links of the machine's own memory
    after              sums once the backward is over (--no-overlap)
    overlap            sums while the backward goes on
    bfloat16-after     the same two with --wire bfloat16
    bfloat16

Run it after `swift build -c release`.
"""

import argparse
import json
import os
import pathlib
import queue
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
AAM = HERE.parent / ".build" / "release" / "aam"
CLUSTER = HERE.parent / "deploy" / "netns" / "cluster"
SIDES = {
    "unlimited": [],
    "after": ["--no-overlap"],
    "overlap": [],
    "bfloat16-after": ["--no-overlap", "--wire", "bfloat16"],
    "bfloat16": ["--wire", "bfloat16"],
}


def cluster(command, name, *rest):
    arguments = [str(CLUSTER), command, "--name", name, *rest]
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, text=True).stdout


class Side:
    """A job on hosts of its own that prints the seconds of each step; stopped unless it is its turn."""

    def __init__(self, name, settings, problem, step):
        self.name, self.problem, self.seconds = name, problem, []
        self.cluster = f"bench{os.getpid()}_" + name.replace("-", "_")
        cluster("up", self.cluster, "--owner", str(os.getpid()), *settings)
        self.job = subprocess.Popen(
            [str(CLUSTER), "on", "--name", self.cluster, "node1", "mpirun", str(AAM), "benchmark", "step", "--endless",
             "--problem", problem, *step, *SIDES[name]],
            stdout=subprocess.PIPE, text=True, start_new_session=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.job.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def next(self):
        line = self.lines.get(timeout=1800)
        if line is None:
            raise SystemExit(f"compare_network.py: {self.name} ended")
        return float(line)

    def signal(self, number):
        for line in cluster("ps", self.cluster).splitlines():
            _, process, rank, _ = line.split("\t", 3)
            if rank != "-":
                os.kill(int(process), number)

    def prepare(self):
        """Runs until the first step after the check; returns the losses of the check."""
        self.next()
        self.signal(signal.SIGSTOP)
        return losses(self.problem)

    def turn(self, steps):
        while not self.lines.empty():
            self.next()
        self.signal(signal.SIGCONT)
        self.next()  # It was under way when the side was stopped.
        self.seconds += [self.next() for _ in range(steps)]
        self.signal(signal.SIGSTOP)

    def end(self):
        self.job.kill()  # mpirun, which would report its hosts lost.
        cluster("down", self.cluster)
        self.job.wait()


def losses(problem):
    """The tensor `losses`, two doubles, of a safetensors file."""
    with open(problem, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        start, end = json.loads(file.read(length))["losses"]["data_offsets"]
        file.seek(8 + length + start)
        return struct.unpack("<2d", file.read(end - start))


def check(found):
    """Exits unless all sides have the losses of the first, bfloat16 within a twentieth of the fall."""
    first, second = found["unlimited"]
    for name, (one, two) in found.items():
        tolerance = (first - second) / 20 if name.startswith("bfloat16") else 0
        if one != first or not abs(two - second) <= tolerance:
            raise SystemExit(f"compare_network.py: {name} has the losses {one}, {two} instead of {first}, {second}")


def compare(arguments, rate, folder):
    hosts = ["--hosts", str(arguments.hosts), "--slots", arguments.slots]
    limits = ["--rate", rate] + (["--delay", arguments.delay] if arguments.delay else [])
    step = ["--model", arguments.model, "--batch-size-per-rank", str(arguments.batch_size_per_rank),
            "--image-size", str(arguments.image_size), "--threads", str(arguments.threads)]
    running, found = [], {}
    try:
        for name in SIDES:
            settings = hosts if name == "unlimited" else hosts + limits
            running.append(Side(name, settings, f"{folder}/{name}.safetensors", step))
            found[name] = running[-1].prepare()
        check(found)
        for _ in range(arguments.rounds):
            for side in running:
                side.turn(arguments.steps)
    finally:
        for side in running:
            side.end()
    return {side.name: statistics.median(side.seconds) for side in running}


def main():
    # The jobs have sessions of their own: end them with this one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", nargs="+", default=["1gbit", "100mbit"])
    parser.add_argument("--delay", default="0.1ms")
    parser.add_argument("--hosts", type=int, default=2)
    parser.add_argument("--slots", default="1")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--batch-size-per-rank", type=int, default=8)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    figures = {}
    print(f"{arguments.model}, {arguments.hosts} hosts with {arguments.slots} ranks, {arguments.batch_size_per_rank} images "
          f"of {arguments.image_size} px a rank, medians of {arguments.rounds * arguments.steps} steps")
    for rate in arguments.rates:
        with tempfile.TemporaryDirectory() as folder:
            figures[rate] = compare(arguments, rate, folder)
        print(f"\n{rate}, delay {arguments.delay or 'none'}")
        for name, seconds in figures[rate].items():
            print(f"{name:15} {seconds:7.3f} s   {figures[rate]['after'] / seconds:5.2f} times as fast as without overlap"
                  f"   {figures[rate]['unlimited'] / seconds:6.1%} of the speed without a limit", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
