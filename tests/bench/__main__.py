"""Prints how fast `spinegate validate` is, as ratios taken in one run: ``make bench``."""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .measure import Contender, Run, measure
from .peers import installed

HERE = Path(__file__).parent
BUNDLE = HERE.parents[2] / "shared" / "data" / "spine-generic-multi-subject.bundle"
SPINEGATE = str(Path(sys.executable).with_name("spinegate"))
JUDGED = frozenset({0, 1})  # a finding is no failure


def dataset_at_hand(scratch: Path) -> Path:
    """Clone the real dataset where it lies beside the project, else write a phantom."""
    target = scratch / "dataset"
    if BUNDLE.exists():
        subprocess.run(["git", "clone", "-q", "-b", "master", BUNDLE, target], check=True)
        branch = ["git", "-C", str(target), "branch", "-q", "git-annex", "origin/git-annex"]
        subprocess.run(branch, check=True)
    else:
        subprocess.run([SPINEGATE, "example", target], check=True)
    return target


def validate(name: str, dataset: Path, *options: str) -> Contender:
    argv = (SPINEGATE, "validate", str(dataset), "--format", "json", *options)
    return Contender(name, argv, JUDGED)


def pull_request(dataset: Path, scratch: Path) -> Path:
    """Clone a git dataset and commit the removal of one image on a branch."""
    target = scratch / "pull-request"
    subprocess.run(["git", "clone", "-q", "--shared", dataset, target], check=True)
    image = min(min(target.glob("sub-*")).glob("**/*.nii.gz"))
    git = ["git", "-C", str(target), "-c", "user.name=bench", "-c", "user.email=b@example.invalid"]
    subprocess.run([*git, "switch", "-q", "-c", "change"], check=True)
    subprocess.run([*git, "rm", "-q", str(image.relative_to(target))], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "remove an image"], check=True)
    return target


def any_sidecar(dataset: Path) -> Path:
    """Return the first sidecar of the first participant."""
    return min(min(dataset.glob("sub-*")).glob("**/*.json"))


def floor(name: str, dataset: Path) -> Contender:
    return Contender(name, (sys.executable, "-I", str(HERE / "floor.py"), str(dataset)))


def show(results: Mapping[str, Run | str], base: str) -> None:
    """Print one line for each contender; the ratio is that of the wall times."""
    ground = results[base]
    print(f"{'':28}{'wall s':>9}{'CPU s':>9}{'MiB':>8}{'x ' + base.partition(' ')[0]:>10}")
    for name, run in results.items():
        if isinstance(run, str):
            print(f"{name:28}  {run}")
            continue
        ratio = "" if isinstance(ground, str) else f"{run.wall / ground.wall:10.2f}"
        print(f"{name:28}{run.wall:9.3f}{run.cpu:9.3f}{run.memory:8.0f}{ratio}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", nargs="?", type=Path, help="default: what is at hand")
    parser.add_argument("--runs", type=int, default=7, help="timed runs after one warm-up")
    parser.add_argument("--times", type=int, default=10, help="size of the enlarged dataset")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--scaling", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="spinegate-bench-") as name:
        scratch = Path(name)
        dataset = (options.dataset or dataset_at_hand(scratch)).resolve()
        floor_run = floor("floor", dataset)
        counted = subprocess.run(floor_run.argv, check=True, capture_output=True, text=True)
        files, parsed = counted.stdout.split()
        print(f"{dataset.name}: {files} files, {parsed} JSON; Python {platform.python_version()}")
        print(f"medians of {options.runs} runs taken in turn, warm; peers of fewer\n")
        contenders = [
            floor_run,
            validate("spinegate validate", dataset),
            validate("one changed sidecar", dataset, "--only", str(any_sidecar(dataset))),
            Contender("spinegate --help", (SPINEGATE, "--help")),
        ]
        if (dataset / ".git").exists():
            change = pull_request(dataset, scratch)
            against = ("--base", "change~1", "--ref", "change")
            contenders.append(validate("a pull request, both trees", change, *against))
        if options.peers:
            contenders += installed(dataset, scratch)
        show(measure(contenders, options.runs, scratch), "floor")
        if options.scaling:
            large = scratch / "large"
            # In a process of its own: a child's peak memory begins with that of its parent.
            argv = [sys.executable, "-m", "tests.bench.grow", dataset, large, str(options.times)]
            subprocess.run(argv, check=True)
            pair = [
                validate("1x", dataset),
                validate(f"{options.times}x", large),
                floor("floor 1x", dataset),
                floor(f"floor {options.times}x", large),
            ]
            print()
            show(measure(pair, max(1, options.runs // 2), scratch), "1x")


if __name__ == "__main__":
    main()
