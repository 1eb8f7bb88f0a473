#!/usr/bin/env python3
"""Does what articles say, in a copy of the project, so that they stay true.

usage: follow.py FOLDER ARTICLE...

Articles are named as in Sources/aam/aam.docc, without .md. FOLDER gets the copy; a build that an earlier call left there
is used again. Of each article, in its order,

- a `swift` block behind a paragraph that is a path and a colon becomes that file,
- a `diff` block is applied,
- an `sh` block is run by bash in the project's folder, and must succeed.

Commands find this Python as python3.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

BLOCK = re.compile(r"(?:^`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def copy_project(root, copy):
    """Files that are as they were keep their times, so that the build does not take them for new."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root, check=True,
        capture_output=True, text=True).stdout
    names = {name for name in listed.split("\0") if name and (root / name).is_file()}
    for entry in copy.iterdir():
        if entry.name.startswith(".build"):
            continue
        for path in entry.rglob("*") if entry.is_dir() else [entry]:
            if not path.is_dir() and str(path.relative_to(copy)) not in names:
                path.unlink()
    for name in names:
        source, target = root / name, copy / name
        if target.is_file() and not target.is_symlink() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copy(source, target, follow_symlinks=False)


def follow(article, copy, environment):
    for path, kind, text in BLOCK.findall(article.read_text(encoding="utf-8")):
        if kind == "swift" and path:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            (copy / path).write_text(text, encoding="utf-8")
        elif kind == "diff":
            subprocess.run(["git", "apply", "--verbose"], cwd=copy, input=text, text=True, check=True, env=environment)
        elif kind == "sh":
            print(f"\n{article.name}:\n{text}", flush=True)
            subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=copy, check=True, env=environment)


def main(folder, articles):
    root = pathlib.Path(__file__).resolve().parents[2]
    copy = pathlib.Path(folder).resolve() / "project"
    copy.mkdir(parents=True, exist_ok=True)
    copy_project(root, copy)
    programs = copy / ".build-programs"
    programs.mkdir(exist_ok=True)
    # A link would not find the packages of a virtual environment.
    python = programs / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    path = f"{programs}:{copy}/.build/release:{os.environ['PATH']}"
    # Without its own repository, git would take the copy for ignored files of the project's.
    environment = os.environ | {"PATH": path, "GIT_CEILING_DIRECTORIES": str(copy.parent)}
    for article in articles:
        try:
            follow(root / f"Sources/aam/aam.docc/{article}.md", copy, environment)
        except subprocess.CalledProcessError as error:
            print(f"follow.py: {article} does not work as written: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
