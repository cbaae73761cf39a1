"""Prints what renaming a whole convention takes: ``python -m tests.bench.curate``.

The magnetization transfer series of the real dataset (7,030 files) goes to the old names and
back. The floor does the same moves and one commit by git's plumbing, without plan, checks or
journal; `git mv`, which takes one file at a time where names differ, is measured on 1 of 100.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .__main__ import SPINEGATE, dataset_at_hand, show
from .measure import Contender, measure

NAMES = (("_flip-1_mt-on_MTS", "_acq-MTon_MTS"), ("_flip-1_mt-off_MTS", "_acq-MToff_MTS"),
         ("_flip-2_mt-off_MTS", "_acq-T1w_MTS"))  # fmt: skip
SHARE = 100


def git(folder: str, *words: str, text: str | None = None, index: str = "") -> str:
    """Run git and return what it prints."""
    settings = {**os.environ, **({"GIT_INDEX_FILE": index} if index else {})}
    argv = ["git", "-C", folder, *words]
    done = subprocess.run(
        argv, input=text, capture_output=True, text=True, check=True, env=settings
    )
    return done.stdout


def moves(folder: str) -> list[tuple[str, str, str]]:
    """Return the index's line, old and new name of each file that either direction renames."""
    found = []
    lines = git(folder, "ls-files", "-s").splitlines()
    old_names = any("_acq-MTon_MTS" in line for line in lines)
    pairs = [pair[::-1] for pair in NAMES] if old_names else list(NAMES)
    for line in lines:
        head, _, path = line.partition("\t")
        for old, new in pairs:
            if old in path:
                found.append((head[:-2], path, path.replace(old, new)))
    return found


def floor(folder: str) -> None:
    """Move, commit, bring the index along, and nothing else."""
    wanted = moves(folder)
    for _, old, new in wanted:
        os.rename(f"{folder}/{old}", f"{folder}/{new}")
    gone = [f"0 {'0' * 40}\t{old}\n" for _, old, _ in wanted]
    text = "".join(gone + [f"{head}\t{new}\n" for head, _, new in wanted])
    index = f"{folder}/.git/bench-index"
    git(folder, "read-tree", "HEAD", index=index)
    git(folder, "update-index", "--index-info", text=text, index=index)
    tree = git(folder, "write-tree", index=index).strip()
    commit = git(folder, "commit-tree", tree, "-p", "HEAD", "-m", "moves").strip()
    git(folder, "update-index", "--index-info", text=text)
    git(folder, "update-ref", "HEAD", commit)
    subprocess.run(["git", "-C", folder, "update-index", "-q", "--refresh"], check=False)


def git_mv(folder: str) -> None:
    """Move 1 of 100 files there and back."""
    for _, old, new in moves(folder)[::SHARE]:
        git(folder, "mv", old, new)
        git(folder, "mv", new, old)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="timed runs after one warm-up")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spinegate-bench-") as name:
        scratch = Path(name)
        dataset = str(dataset_at_hand(scratch))
        for key in ("name", "email"):
            git(dataset, "config", f"user.{key}", "bench@example.invalid")
        tree, count = git(dataset, "rev-parse", "HEAD^{tree}"), len(moves(dataset))
        rename = (SPINEGATE, "curate", "rename", dataset, "--convention", "mts-flip-mt")
        own = (sys.executable, "-m", "tests.bench.curate")
        contenders = [
            Contender("floor: the moves alone", (*own, "floor", dataset)),
            Contender("floor: and back", (*own, "floor", dataset)),
            Contender("spinegate curate rename", (*rename, "--reverse", "--apply")),
            Contender("the way back", (*rename, "--apply")),
            Contender("a plan alone", (*rename, "--reverse")),
            Contender(f"git mv, 1 of {SHARE}, twice", (*own, "git-mv", dataset), runs=1),
        ]
        print(f"{count} files to be renamed; medians of {options.runs} runs taken in turn\n")
        show(measure(contenders, options.runs, scratch), contenders[0].name)
        same = git(dataset, "rev-parse", "HEAD^{tree}") == tree
        commits = git(dataset, "rev-list", "--count", "HEAD").strip()
        print(f"\nthe tree is {'the same' if same else 'ANOTHER'} after {commits} commits")


if __name__ == "__main__":
    if sys.argv[1:2] == ["floor"]:
        floor(sys.argv[2])
    elif sys.argv[1:2] == ["git-mv"]:
        git_mv(sys.argv[2])
    else:
        main()
