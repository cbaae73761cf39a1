"""Makes a dataset several times larger by giving each participant further names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

SUBJECT = re.compile(r"sub-([A-Za-z0-9]+)")


def renamed(path: str, number: int) -> str:
    """Return a path with every subject label made into that of its copy.

    Digits are added to the end, so that a site's name read from the label stays the same.
    """
    return SUBJECT.sub(rf"sub-\g<1>{number:03d}", path)


def place(source: Path, target: Path) -> None:
    """Put a file elsewhere: a link of the same inode where the file system allows it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def grow(dataset: Path, target: Path, times: int) -> None:
    """Write a git repository that holds each participant of a dataset `times` times."""

    def git(*args: str, feed: str | None = None) -> str:
        argv = ["git", "-C", str(target), *args]
        return subprocess.run(argv, check=True, input=feed, capture_output=True, text=True).stdout

    subprocess.run(
        ["git", "clone", "-q", "--no-checkout", "--shared", dataset, target], check=True
    )
    index = []
    for entry in git("ls-tree", "-r", "-z", "HEAD").split("\0")[:-1]:
        about, _, path = entry.partition("\t")
        copies = range(1, times if SUBJECT.search(path) else 1)
        for name in [path, *(renamed(path, number) for number in copies)]:
            index.append(f"{about}\t{name}\0")
            place(dataset / path, target / name)
    git("update-index", "-z", "--add", "--index-info", feed="".join(index))
    participants = target / "participants.tsv"
    if participants.exists():
        header, *rows = participants.read_text().splitlines()
        rows += [renamed(row, number) for number in range(1, times) for row in rows]
        participants.unlink()  # its inode is the original's
        participants.write_text("\n".join([header, *rows]) + "\n")


if __name__ == "__main__":
    grow(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
