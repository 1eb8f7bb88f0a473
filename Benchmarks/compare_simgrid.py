#!/usr/bin/env python3
"""Compares the steps that `aam plan` predicts with those that SimGrid's SMPI simulates from the same messages.

    compare_simgrid.py PROFILE [--nodes 16 64 256] [--bandwidth 1gbit 10gbit] [--latency 50us] [--json FILE]
                       [-- OPTIONS OF PLAN]

PROFILE is what `aam benchmark step --profile` has written. The plan says what each node's leader computes and sends, in
which order; when messages arrive is SimGrid's own: flows that share the links at both of their ends fairly, where the
plan sends one after the other. "SMPI's factors" are SimGrid's defaults, measured on a cluster with Gigabit Ethernet, by
which small messages are slower, and the traffic of acknowledgements.

Run it after `swift build -c release`; needs libsimgrid-dev.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from compare_plan import LATENCY, planned

REPLAY = pathlib.Path(__file__).resolve().parent / "simgrid" / "replay"
# The defaults of SimGrid 3.32.
FACTORS = [
    "--cfg=smpi/bw-factor:65472:0.940694;15424:0.697866;9376:0.58729;5776:1.08739;3484:0.77493;1426:0.608902;"
    "732:0.341987;257:0.338112;0:0.812084",
    "--cfg=smpi/lat-factor:65472:11.6436;15424:3.48845;9376:2.59299;5776:2.18796;3484:1.88101;1426:1.61075;732:1.9503;"
    "257:1.95341;0:2.01467",
    "--cfg=network/crosstraffic:1",
]


def simulated(schedule, options):
    output = subprocess.run(
        [str(REPLAY), schedule, *options], check=True, stdout=subprocess.PIPE, text=True).stdout
    return float(output)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("profile")
    parser.add_argument("--nodes", nargs="+", type=int, default=[16, 64, 256])
    parser.add_argument("--bandwidth", nargs="+", default=["1gbit", "10gbit"])
    parser.add_argument("--latency", default=LATENCY)
    parser.add_argument("--factors", action="store_true", help="with SMPI's factors too")
    parser.add_argument("--json", type=pathlib.Path)
    # What follows -- is for the plan.
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    arguments, options = parser.parse_args(sys.argv[1:end]), sys.argv[end + 1:]
    rows = []
    for bandwidth in arguments.bandwidth:
        for nodes in arguments.nodes:
            with tempfile.TemporaryDirectory() as folder:
                schedule = f"{folder}/schedule"
                plan = planned(
                    arguments.profile, bandwidth, nodes, f"{folder}/plan.json", "--schedule", schedule, *options,
                    latency=arguments.latency)
                row = {"bandwidth": bandwidth, "nodes": nodes, "planned": plan, "simulated": simulated(schedule, [])}
                if arguments.factors:
                    row["with factors"] = simulated(schedule, FACTORS)
            rows.append(row)
            text = f"{bandwidth:8} {nodes:4} nodes   planned {plan:.4f} s"
            for name in ["simulated", "with factors"]:
                if name in row:
                    text += f"   {name} {row[name]:.4f} s, error {plan / row[name] - 1:+.1%}"
            print(text, flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
