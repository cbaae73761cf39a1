"""Which trees a run reads: what is judged, what it is compared with, and whose policy counts."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from ..system.errors import SpinegateError
from ..system.git import find_commit, find_merge_base
from .blobs import Blobs
from .options import Options
from .selection import labels_of, select
from .tree import Skip, Tree, open_tree


class Revisions(NamedTuple):
    """The trees of one run.

    Attributes
    ----------
    head
        What is judged.
    base
        The commit from which it went off; None where nothing is compared.
    policy
        Settings, baseline, rules and .bidsignore come from here: the tip of the base where there
        is one, so that a change can't switch off its own judge.
    commit
        Id of that tip; "" where nothing is compared.
    """

    head: Tree
    base: Tree | None
    policy: Tree
    commit: str = ""


def open_revisions(options: Options, blobs: Blobs | None = None) -> Revisions:
    """Open the trees that the options ask for.

    Parameters
    ----------
    options
        What the user asks.
    blobs
        Contents that the trees share.

    Raises
    ------
    SpinegateError
        Not a folder, no such commit, or two commits without a common history.
    """
    if options.base is None:
        now = _open(options, options.ref, None)
        return Revisions(_planned(options, now), None, now)
    head = _planned(options, _open(options, options.ref, blobs))
    folder = options.dataset
    tip = find_commit(folder, options.base)
    start = _start(folder, options.base, tip, options.ref or "HEAD")
    policy = open_tree(folder, tip, blobs=blobs)
    if start == tip and not _labels(options):
        return Revisions(head, policy, policy, tip)
    return Revisions(head, _open(options, start, blobs, missing=True), policy, tip)


def _start(folder: Path, name: str, tip: str, ref: str) -> str:
    """Return where the head went off: what happened on the base since is no change of it."""
    start = find_merge_base(folder, tip, find_commit(folder, ref))
    if start is None:
        raise SpinegateError(
            f"{name} and {ref} have no commit in common here, so there is nothing to compare "
            "with: fetch the whole history (git fetch --unshallow; in GitHub's checkout action "
            "fetch-depth: 0)"
        )
    return start


def _open(
    options: Options, ref: str | None, blobs: Blobs | None, *, missing: bool = False
) -> Tree:
    labels = _labels(options)
    if not labels:
        return open_tree(options.dataset, ref, blobs=blobs)
    tree = open_tree(options.dataset, ref, _others(labels), blobs)
    return select(tree, labels, missing=missing)


def _planned(options: Options, tree: Tree) -> Tree:
    """Carry out a plan in memory, where one is given."""
    if options.with_plan is None:
        return tree
    from .plan import read_plan
    from .planned import plan_tree

    return plan_tree(tree, read_plan(options.with_plan))


def _labels(options: Options) -> set[str]:
    labels = set(options.labels)
    if options.only:
        labels |= labels_of(options.dataset, options.only)
    return labels


def _others(labels: Collection[str]) -> Skip:
    wanted = {f"sub-{label}".encode() for label in labels}
    return lambda folder: folder.startswith(b"sub-") and folder not in wanted
