"""Runs programs in turn and measures wall time, processor time and peak memory."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds on the clock, seconds of processor (with its children), peak MiB."""

    wall: float
    cpu: float
    memory: float
    status: int


@dataclass(frozen=True, slots=True)
class Contender:
    """A program to measure; any status but those accepted is a failure."""

    name: str
    argv: tuple[str, ...]
    accepted: frozenset[int] = frozenset({0})
    cwd: Path | None = None
    runs: int | None = None


def run_once(contender: Contender, errors: Path) -> Run:
    """Run one program with its output thrown away, its errors kept in a file."""
    with errors.open("wb") as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            contender.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            cwd=contender.cwd,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, usage.ru_maxrss / 1024, process.returncode)


def measure(contenders: Sequence[Contender], runs: int, scratch: Path) -> Mapping[str, Run | str]:
    """Run all contenders in turn, `runs` times after one warm-up, and return the medians.

    A contender that fails is left out of later rounds; the last line of its errors stands in
    place of its numbers.
    """
    results: dict[str, list[Run]] = {contender.name: [] for contender in contenders}
    failed: dict[str, str] = {}
    for turn in range(runs + 1):
        for contender in contenders:
            wanted = min(runs, contender.runs or runs)
            if contender.name in failed or turn > wanted:
                continue
            errors = scratch / "stderr"
            run = run_once(contender, errors)
            if run.status not in contender.accepted:
                lines = errors.read_text(errors="replace").strip().splitlines()
                failed[contender.name] = f"exit {run.status}: {lines[-1] if lines else ''}"
            elif turn:
                results[contender.name].append(run)
    return {name: failed.get(name) or middle(results[name]) for name in results}


def middle(runs: Sequence[Run]) -> Run:
    """Return the medians, each taken by itself."""
    return Run(
        median(run.wall for run in runs),
        median(run.cpu for run in runs),
        median(run.memory for run in runs),
        runs[-1].status,
    )
