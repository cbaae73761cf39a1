"""What ``curate deface`` says, line by line."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ...validator.report.visible import visible
from .accept import Acceptance
from .decisions import REDO
from .images import Found
from .plan import Task
from .purge import Purge, commands
from .run import NOT_HERE
from .work import Made

_SHOWN = 100
_NAMED = 5


def _listed(lines: Sequence[str]) -> Iterator[str]:
    for line in lines[:_SHOWN]:
        yield f"  {visible(line)}"
    if len(lines) > _SHOWN:
        yield f"  and {len(lines) - _SHOWN:,} more"


def _images(count: int) -> str:
    return f"{count:,} image{'s' * (count != 1)}"


def _command(dataset: Path, *words: str) -> str:
    return shlex.join(["spinegate", "curate", "deface", str(dataset), *words])


def tell_plan(tasks: Sequence[Task], found: Found, dataset: Path) -> Iterator[str]:
    """Say what is to be defaced and how, and what can't be told."""
    chosen = [task for task in tasks if task.apply]
    yield f"{_images(len(chosen))} that may show a face{':' if chosen else '.'}"
    yield from _listed([_said(task) for task in chosen])
    left = [task for task in tasks if not task.apply]
    if left:
        yield f"Left out: {_images(len(left))}:"
        yield from _listed([f"{task.image.path}: {task.note or 'by the plan'}" for task in left])
    absent = [task.image.path for task in chosen if task.image.file is None]
    if absent:
        yield f"Of {_images(len(absent))} the content isn't here. Get it first:"
        yield f"  {visible(getting(dataset, absent))}"
    if found.done:
        yield f"{_images(len(found.done))} without face already, as the sidecars say (Defaced)."
    yield from _overtaken(found, dataset)
    if found.unknown:
        yield (
            f"{_images(len(found.unknown))} of other contrasts whose content isn't here: whether "
            "the field of view could hold a face isn't known."
        )


def _overtaken(found: Found, dataset: Path) -> Iterator[str]:
    """Say which images wait in vain, for the dataset has got others of their names."""
    entered = [path for path in found.overtaken if path in found.done]
    if entered:
        yield f"{_waiting(len(entered))} outside of git, but the dataset has what was made of it:"
        yield from _listed(entered)
        yield f"  When nobody needs it any more: {_command(dataset, '--purge')}"
    others = [path for path in found.overtaken if path not in found.done]
    if others:
        yield (
            f"{_waiting(len(others))} outside of git, but the dataset has got such a file by "
            "another way, without a record that its face is out (Defaced):"
        )
        yield from _listed(others)
        yield "  The dataset's own is dealt with, not the one that waits. To delete what waits:"
        yield f"  {_command(dataset, '--let-go', others[0], '--apply')}"


def _waiting(count: int) -> str:
    return f"{_images(count)} wait{'s' * (count == 1)}"


def _said(task: Task) -> str:
    told = [task.image.reason]
    if task.image.held:
        told.append("waits outside of git")
    if task.reference:
        told.append(f"face as in {task.reference.rpartition('/')[2]} if the two align")
    if task.cord:
        told.append("the cord is marked")
    if task.method != "auto":
        told.append(f"by {task.method}")
    if task.note:
        told.append(task.note)
    return f"{task.image.path}: {'; '.join(told)}"


def getting(dataset: Path, paths: Sequence[str]) -> str:
    """Return the command that gets contents."""
    if len(paths) <= _NAMED:
        words = ["--", *paths]
    else:
        ends = dict.fromkeys(f"*_{path.rpartition('_')[2]}" for path in paths)
        words = [word for end in ends for word in ("--or", f"--include={end}")][1:]
    return f"git -C {shlex.quote(str(dataset))} annex get {shlex.join(words)}"


def tell_run(
    results: Sequence[Made], failed: Mapping[str, str], page: Path | None, dataset: Path
) -> Iterator[str]:
    """Say what was done, what wasn't, and what comes next."""
    counts = Counter(str(made.result.verdict) for made in results)
    said = ", ".join(f"{count:,} {verdict}" for verdict, count in counts.most_common())
    yield f"{_images(len(results))} to be looked at{': ' if said else '.'}{said}"
    if failed:
        yield f"Not defaced: {_images(len(failed))}:"
        yield from _listed([f"{path}: {reason}" for path, reason in failed.items()])
        absent = [path for path, reason in failed.items() if reason == NOT_HERE]
        if absent:
            yield f"  {visible(getting(dataset, absent))}"
    if page is not None:
        yield "Nothing has been committed. A person must look at every image, the worst first:"
        yield f"  {page.as_uri()}"
        yield "It shows faces: don't send it to anybody. Save the decisions, then:"
        yield f"  {_command(dataset, '--accept', 'defacing.tsv')}"


def tell_acceptance(acceptance: Acceptance, dataset: Path, file: Path) -> Iterator[str]:
    """Say what enters, what doesn't, and why."""
    accepted = acceptance.accepted
    yield f"{_images(len(accepted))} passed{':' if accepted else '.'}"
    yield from _listed(
        [
            f"{one.image.path}: {one.made.result.verdict}; {one.decision.by}"
            + (f": {one.decision.note}" if one.decision.note else "")
            for one in accepted
        ]
    )
    if acceptance.known:
        yield f"{_images(len(acceptance.known))} entered before."
    redo = [other for other in acceptance.others if other.decision == REDO]
    if redo:
        yield f"{_images(len(redo))} to be done again, otherwise than before:"
        yield from _listed([other.path for other in redo])
        yield f"  {_command(dataset, '--redo', str(file), '--apply')}"
    rejected = [other for other in acceptance.others if other.decision != REDO]
    if rejected:
        yield (
            f"{_images(len(rejected))} rejected. What is in the dataset stays in it with its face "
            "(DECISION_OPEN says so) until you take it out (git rm) or deface it by hand (--use); "
            "what waits outside of git goes by --let-go IMAGE:"
        )
        yield from _listed([other.path for other in rejected])
    if acceptance.refused:
        yield f"Refused: {_images(len(acceptance.refused))}:"
        yield from _listed([f"{path}: {why}" for path, why in acceptance.refused.items()])


def tell_purge(purge: Purge) -> Iterator[str]:
    """Say what is deleted for good, and what can't be."""
    count = len(purge.formers.keys)
    if purge.empty and not purge.formers.plain and not purge.formers.used:
        yield "Nothing with a face is kept of images that have entered."
        return
    if count:
        yield f"{_images(count)} with a face that others have replaced in the dataset:"
        lines = []
        for key, paths in purge.formers.keys.items():
            where = ", ".join(store.called for store in purge.stores.get(key, ()))
            lines.append(f"{paths[0]}: {key} in {where or 'no known place'}")
        yield from _listed(lines)
    if typed := list(commands(purge)):
        yield "Dropped by, in the dataset's folder:"
        yield from _listed(typed)
    if purge.held:
        yield f"{_images(len(purge.held))} that waited outside of git and have entered."
    if purge.work:
        yield f"Defaced copies and pictures of {_images(len(purge.work))} that have entered."
    if not purge.empty:
        yield "What --undo would need for the last run goes as well."
    yield from _kept(purge)


def _kept(purge: Purge) -> Iterator[str]:
    """Say what stays, and what to do about it."""
    if purge.formers.used:
        yield f"{_images(len(purge.formers.used))} kept, for files still are these contents:"
        yield from _listed(
            [f"{key}: {', '.join(users)}" for key, users in purge.formers.used.items()]
        )
    tags = sorted({tag for tags in purge.formers.tagged.values() for tag in tags})
    if tags:
        yield (
            f"These tags name contents with a face, which nobody will be able to get any more: "
            f"{visible(', '.join(tags))}"
        )
    away = {s.called: s for stores in purge.stores.values() for s in stores if not s.reachable}
    for called in sorted(away):
        yield (
            f"{visible(called)} isn't a remote of this clone: its owner runs there "
            "git annex drop --force --key KEY, or it is made one by git annex enableremote"
        )
    old = {s.called for stores in purge.stores.values() for s in stores if s.versions}
    for called in sorted(old):
        yield (
            f"{visible(called)} keeps versions: what is dropped stays there as an old version "
            "until that is deleted in the bucket itself"
        )
    if purge.formers.plain:
        yield (
            f"{_images(len(purge.formers.plain))} stood in git itself, without git-annex: the "
            "history keeps them with their faces until it is rewritten (git filter-repo):"
        )
        yield from _listed(purge.formers.plain)
    if purge.formers.keys:
        yield (
            "git's history keeps the names of these contents (their keys), not the contents. "
            "Other people's clones may hold copies that nobody here knows of."
        )
