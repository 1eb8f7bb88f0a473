#!/usr/bin/env python3
"""Compares the speed and memory of aam and PyTorch on the same cores, from the same weights and batch.

    compare_step.py [--model resnet50] [--attention aam] [--batch-size-per-rank 16] [--rounds 5] [--steps 2]
                    [--sides aam eager compile aam-2 ddp-2 …] [--json FILE]

Both sides first agree on the losses of two steps. Then the sides take turns, `--rounds` times `--steps` steps each; the
one that works has the cores to itself, because the others are stopped (SIGSTOP). Printed are images a second over all
ranks from the medians of the steps' seconds, ratios to aam, and the largest process's peak resident memory. The sides:

    aam, eager, compile            one thread on core 0
    aam-eval, eager-eval           the same, inference instead of training
    aam-t2, eager-t2, compile-t2   two threads
    aam-2, ddp-2                   two ranks of one thread (Open MPI; DistributedDataParallel over gloo)
    aam-direct                     aam with --convolution direct

Run it with the Python that has torch 2.13.0 (CPU) and safetensors, after `swift build -c release`.
"""

import argparse
import json
import os
import pathlib
import queue
import signal
import statistics
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
AAM = HERE.parent / ".build" / "release" / "aam"


class Side:
    """Processes that print the seconds of each step; stopped unless it is their turn."""

    def __init__(self, name, commands, images):
        self.name, self.images, self.seconds = name, images, []
        environment = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
        self.processes = [
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=sys.stderr, text=True, start_new_session=True, env=environment)
            for command in commands
        ]
        self.lines = queue.Queue()
        for process in self.processes:
            threading.Thread(target=self.read, args=(process, process is self.processes[0]), daemon=True).start()

    def read(self, process, counts):
        for line in process.stdout:
            if counts:
                self.lines.put(line)
        if counts:
            self.lines.put(None)

    def next(self):
        line = self.lines.get(timeout=1800)
        if line is None:
            raise SystemExit(f"compare_step.py: {self.name} ended")
        return line

    def signal(self, number):
        for root in self.descendants():
            try:
                os.kill(root, number)
            except ProcessLookupError:
                pass

    def descendants(self):
        """The processes and all their children: mpirun gives its own children other process groups."""
        children = {}
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(status.parent.name))
        found, todo = [], [process.pid for process in self.processes]
        while todo:
            found.append(todo.pop())
            todo += children.get(found[-1], [])
        return found

    def prepare(self):
        """Runs until the first step after the check."""
        while True:
            line = self.next()
            if not line.startswith("losses"):
                break
            print(f"{self.name}: {line.strip()}", flush=True)
        self.signal(signal.SIGSTOP)

    def turn(self, steps):
        while not self.lines.empty():
            self.next()
        self.signal(signal.SIGCONT)
        self.next()  # It was under way when the side was stopped.
        self.seconds += [float(self.next()) for _ in range(steps)]
        self.signal(signal.SIGSTOP)

    def peak_mebibytes(self):
        """Of the largest process: VmHWM."""
        peaks = [0.0]
        for process in self.descendants():
            try:
                status = pathlib.Path(f"/proc/{process}/status").read_text()
            except OSError:
                continue
            peaks += [int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")]
        return max(peaks)

    def end(self):
        self.signal(signal.SIGKILL)


def sides(arguments, problem):
    model = ["--model", arguments.model, "--attention", arguments.attention]
    batch = ["--batch-size-per-rank", str(arguments.batch_size_per_rank), "--image-size", str(arguments.image_size)]
    ours = [str(AAM), "benchmark", "step", "--endless", *model, *batch]
    theirs = [sys.executable, str(HERE / "pytorch_step.py"), problem]
    one, two = ["taskset", "-c", "0"], ["taskset", "-c", "0,1"]
    ddp = ["--ranks", "2"]
    commands = {
        "aam": [[*one, *ours, "--threads", "1"]],
        "eager": [[*one, *theirs]],
        "compile": [[*one, *theirs, "--compile"]],
        "aam-direct": [[*one, *ours, "--threads", "1", "--convolution", "direct"]],
        "aam-eval": [[*one, *ours, "--threads", "1", "--inference"]],
        "eager-eval": [[*one, *theirs, "--inference"]],
        "aam-t2": [[*two, *ours, "--threads", "2"]],
        "eager-t2": [[*two, *theirs, "--threads", "2"]],
        "compile-t2": [[*two, *theirs, "--compile", "--threads", "2"]],
        "aam-2": [["mpirun", "-n", "2", *ours]],
        "ddp-2": [["taskset", "-c", str(rank), *theirs, *ddp, "--rank", str(rank)] for rank in range(2)],
    }
    for name in arguments.sides:
        ranks = 2 if name.endswith("-2") else 1
        yield name, commands[name], ranks * arguments.batch_size_per_rank


def main():
    # The sides have sessions of their own: end them with this one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--attention", default="aam")
    parser.add_argument("--batch-size-per-rank", type=int, default=16)
    parser.add_argument("--image-size", type=int, default=224)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--sides", nargs="+", default=["aam", "eager", "compile", "aam-2", "ddp-2"])
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        problem = f"{folder}/problem.safetensors"
        subprocess.run(
            [str(AAM), "benchmark", "step", "--model", arguments.model, "--attention", arguments.attention,
             "--batch-size-per-rank", str(arguments.batch_size_per_rank), "--image-size", str(arguments.image_size),
             "--repetitions", "1", "--problem", problem], check=True)
        compare(arguments, problem)


def compare(arguments, problem):
    running = []
    try:
        for name, commands, images in sides(arguments, problem):
            running.append(Side(name, commands, images))
            running[-1].prepare()
        for _ in range(arguments.rounds):
            for side in running:
                side.turn(arguments.steps)
        peaks = {side.name: side.peak_mebibytes() for side in running}
    finally:
        for side in running:
            side.end()
    rates = {side.name: side.images / statistics.median(side.seconds) for side in running}
    print(f"\n{arguments.model}, attention {arguments.attention}, {arguments.batch_size_per_rank} images of "
          f"{arguments.image_size} px a rank, medians of {arguments.rounds * arguments.steps} steps")
    for name, rate in rates.items():
        kind = name.partition("-")[2]
        reference = "aam" + (f"-{kind}" if kind in ("2", "t2", "eval") else "")
        ratio = f"   aam is {rates[reference] / rate:.2f} times as fast" if reference in rates and name != reference else ""
        print(f"{name:12} {rate:7.2f} images/s {peaks[name]:7.0f} MiB{ratio}")
    if arguments.json:
        figures = {name: {"images/s": rate, "peak MiB": peaks[name]} for name, rate in rates.items()}
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
