#!/usr/bin/env python3
"""Names the public declarations that have no doc comment, and ends with an error if there are any.

usage: undocumented.py SYMBOL-GRAPH...

The files are what swift-symbolgraph-extract writes. The cases of a type of coding keys, which repeat its type's
properties, need none.
"""

import json
import sys


def undocumented(graph):
    for symbol in graph["symbols"]:
        path = symbol["pathComponents"]
        is_ours = "location" in symbol and symbol["kind"]["identifier"] != "swift.extension"
        if is_ours and "docComment" not in symbol and "CodingKeys" not in path[:-1]:
            location = symbol["location"]
            yield location["uri"].removeprefix("file://"), location["position"]["line"] + 1, ".".join(path)


def main(paths):
    found = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            found += undocumented(json.load(file))
    for file, line, name in sorted(found):
        print(f"{file}:{line}: {name} has no doc comment", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
