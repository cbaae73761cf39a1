"""Many images defaced: in processes of their own, from where an earlier run was stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from ...system.errors import SpinegateError
from ..place import Place
from .images import Found, digest, digest_of
from .plan import Task
from .work import Sources, folder_of, made

_THREADS = ("ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_WORKER = (sys.executable, "-m", "spinegate.curation.deface.worker")
NOT_HERE = "its content isn't here"
Progress = Callable[[str], None]


@dataclass(slots=True)
class _Counter:
    """How far a run is, for several threads."""

    total: int
    progress: Progress
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> None:
        """Count one image, and say how long the rest may take."""
        with self.lock:
            self.done += 1
            left = (time.monotonic() - self.started) / self.done * (self.total - self.done)
            said = f", {_duration(left)} left" if self.done < self.total else ""
            self.progress(f"{self.done:,} of {self.total:,}{said}")


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"


def sources_of(task: Task, found: Found) -> Sources:
    """Return what a task's copy is made from.

    Raises
    ------
    SpinegateError
        A file can't be read.
    """
    reference = next((i for i in found.images if i.path == task.reference), None)
    return Sources(
        task.image.path,
        digest(task.image),
        task.method,
        task.reference,
        digest(reference) if reference is not None else "",
        task.cord,
        digest_of(found.segmentations[task.cord]) if task.cord else "",
    )


def run(
    place: Place, tasks: Sequence[Task], found: Found, jobs: int, progress: Progress
) -> dict[str, str]:
    """Deface the images of a plan; what is up to date already isn't done again.

    Parameters
    ----------
    place
        The dataset's.
    tasks
        All are done.
    found
        The dataset's images.
    jobs
        How many at a time; each needs about 2 GB.
    progress
        Is told how far it is.

    Returns
    -------
    dict
        What failed: the image's path to the reason.
    """
    failed: dict[str, str] = {}
    sessions: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for task in tasks:
        try:
            if task.image.problem or task.image.file is None:
                raise SpinegateError(task.image.problem or NOT_HERE)
            order = _order(place, task, found)
        except SpinegateError as error:
            failed[task.image.path] = str(error)
            continue
        if order is not None:
            sessions.setdefault(task.image.session, []).append(order)
    total = sum(map(len, sessions.values()))
    ready = len(tasks) - len(failed) - total
    if ready:
        progress(f"{ready:,} {'are' if ready > 1 else 'is'} defaced already, as they are now")
    counter = _Counter(total, progress)
    for path, fault in _do_all(list(sessions.values()), jobs, counter):
        failed[path] = fault
    return failed


def _order(place: Place, task: Task, found: Found) -> dict[str, Any] | None:
    """Write an order for a worker; None where the result is here."""
    sources = sources_of(task, found)
    former = made(place, task.image.path)
    if former is not None and former.sources == sources:
        return None
    same = former is not None and former.sources.digest == sources.digest
    files = {image.path: image.file for image in found.images}
    return {
        "sources": asdict(sources),
        "file": str(task.image.file),
        "reference": str(files[task.reference] or "") if task.reference else "",
        "cord": str(found.segmentations[task.cord]) if task.cord else "",
        "tries": list(former.tries) if former is not None and same else [],
        "folder": str(folder_of(place, task.image.path)),
    }


def _do_all(
    sessions: Sequence[Sequence[Mapping[str, Any]]], jobs: int, counter: _Counter
) -> Iterator[tuple[str, str]]:
    """Yield the path and the fault of each image that couldn't be done."""
    workers: set[subprocess.Popen[bytes]] = set()
    stopped = threading.Event()

    def one(session: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
        return [] if stopped.is_set() else _do_session(session, counter, workers, stopped)

    with ThreadPoolExecutor(max(1, jobs)) as pool:
        try:
            for failed in pool.map(one, sessions):
                yield from failed
        except BaseException:
            stopped.set()
            for worker in list(workers):
                worker.kill()
            raise


def _do_session(
    session: Sequence[Mapping[str, Any]],
    counter: _Counter,
    workers: set[subprocess.Popen[bytes]],
    stopped: threading.Event,
) -> list[tuple[str, str]]:
    """Run a worker over the images of a session, and another over those that it left."""
    failed = []
    left = list(session)
    while left and not stopped.is_set():
        code, answers = _work(left, counter, workers)
        failed += [(path, error) for path, error in answers.items() if error]
        left = [order for order in left if order["sources"]["path"] not in answers]
        if left and not stopped.is_set():
            failed.append((left.pop(0)["sources"]["path"], _ended(code)))
            counter.count()
    return failed


def _work(
    orders: Sequence[Mapping[str, Any]], counter: _Counter, workers: set[subprocess.Popen[bytes]]
) -> tuple[int, dict[str, str]]:
    environment = {**os.environ, **dict.fromkeys(_THREADS, "1")}
    answers: dict[str, str] = {}
    with subprocess.Popen(
        _WORKER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment, start_new_session=True,
    ) as worker:  # fmt: skip
        workers.add(worker)
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            worker.stdin.write(json.dumps(list(orders)).encode() + b"\n")
            worker.stdin.flush()  # and stays open: the worker ends itself once it is closed
            for line in worker.stdout:
                answer = json.loads(line)
                answers[answer["path"]] = answer["error"]
                counter.count()
        except (BrokenPipeError, ValueError):  # it ended before it listened, or in a word
            pass
        finally:
            workers.discard(worker)
    return worker.returncode, answers


def _ended(code: int) -> str:
    if code == -9:
        return "its process was killed, mostly for want of memory: try with --jobs 1"
    return f"its process ended ({code}): try again; if that recurs, please tell us"
