"""Prints what reading headers from remotes costs: ``python -m tests.bench.remote``.

The remotes are a mirror on loopback that answers after a delay; the repository is a clone of the
real dataset whose git-annex branch is told of it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.dataset import Scan, Stage, load_dataset
from spinegate.validator.remote.headers import RemoteOptions, find_places, read_headers
from spinegate.validator.remote.limits import Limits
from spinegate.validator.tree import Tree, Unreadable, open_tree

from .__main__ import BUNDLE, dataset_at_hand

HERE = Path(__file__).parent
IMAGES = 2131
MIRRORED = "afd7e696-7b3a-4c7e-9dd1-4dfa87cdbd31"
MIRROR = "8633c5a1-4415-4437-8f91-5fef69695c8a"


@contextmanager
def mirror(delay: float) -> Iterator[int]:
    """Run the mirror; yields its port."""
    argv = [sys.executable, str(HERE / "mirror.py"), str(delay)]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True) as server:
        assert server.stdout is not None
        yield int(server.stdout.readline())
        assert server.stdin is not None
        server.stdin.close()


def announce(dataset: Path, port: int) -> None:
    """Make the mirror of one bucket all that the git-annex branch knows of special remotes."""

    def git(*arguments: str, **more: Any) -> str:
        argv = ["git", "-C", str(dataset), *arguments]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            argv, check=True, capture_output=True, text=True, **more
        )
        return done.stdout

    lines = git("show", "git-annex:remote.log").splitlines(keepends=True)
    log = "".join(line for line in lines if line.startswith(MIRRORED))
    log += (
        f"{MIRROR} sameas-name=mirror sameas-uuid={MIRRORED} type=httpalso "
        f"url=http://127.0.0.1:{port}/ timestamp=9999999999s\n"
    )
    blob = git("hash-object", "-w", "--stdin", input=log).strip()
    settings = {**os.environ, "GIT_INDEX_FILE": str(dataset / ".git" / "index.annex")}
    git("read-tree", "git-annex", env=settings)
    git("update-index", "--cacheinfo", f"100644,{blob},remote.log", env=settings)
    tree = git("write-tree", env=settings).strip()
    git("update-ref", "refs/heads/git-annex", tree_commit(git, tree))


def tree_commit(git: Any, tree: str) -> str:
    person = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    commit = str(git(*person, "commit-tree", tree, "-p", "git-annex", "-m", "mirror"))
    return commit.strip()


def raw_first(scans: tuple[Scan, ...]) -> list[Scan]:
    """Return as many scans as are to be read, raw ones first, each key once."""
    keys: dict[str, Scan] = {}
    for scan in sorted(scans, key=lambda scan: scan.stage is not Stage.RAW):
        if scan.content.key is not None:
            keys.setdefault(scan.content.key.text, scan)
    return list(keys.values())[:IMAGES]


def measure(tree: Tree, scans: tuple[Scan, ...], connections: int, delay: float) -> None:
    start = time.perf_counter()
    places = find_places(tree, scans, plain=True)
    assert places is not None
    found = len(places.whereabouts.where)
    print(f"where {found} keys lie: {time.perf_counter() - start:.3f} s (budget 1)")
    wanted = raw_first(scans)
    options = RemoteOptions(limits=Limits(connections=connections), allow_private=True)
    start, spent = time.perf_counter(), time.process_time()
    headers = read_headers(wanted, places, options)
    seconds, cpu = time.perf_counter() - start, time.process_time() - spent
    faults = [header.reason for header in headers.values() if isinstance(header, Unreadable)]
    whole = sum(scan.content.key.size or 0 for scan in wanted if scan.content.key)
    floor = len(wanted) / connections * delay
    print(
        f"headers of {len(headers)} images ({whole / 1e9:.2f} GB), "
        f"{connections} connections, {delay * 1000:.0f} ms: "
        f"{seconds:.3f} s (budget 3; floor {floor:.2f}; CPU {cpu:.2f}); "
        f"{len(faults)} not determinable{': ' + faults[0] if faults else ''}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--delay", type=float, default=0.04, help="seconds before each answer")
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()
    if not BUNDLE.exists():
        parser.exit(message="the real dataset is not on this machine\n")
    with (
        tempfile.TemporaryDirectory(prefix="spinegate-bench-") as name,
        mirror(options.delay) as port,
    ):
        dataset = dataset_at_hand(Path(name))
        announce(dataset, port)
        tree = open_tree(dataset)
        scans = load_dataset(tree, load_spec("spine-generic")).scans
        for _ in range(options.runs):
            measure(tree, scans, options.connections, options.delay)


if __name__ == "__main__":
    main()
