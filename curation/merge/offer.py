"""A contribution taken in: contents first, verified where they will lie, then the branch."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError, ToolError
from ...system.git import git
from ..annex import (
    check_presence,
    find_here,
    inject,
    note_presence,
    send,
    take_from,
    verify,
)
from .build import build_tree_of, move_ref
from .plan import MergePlan, build
from .store import Store, find_store
from .talk import push
from .whereabouts import publish_whereabouts

_TRIES = 3
_PAUSE = 1.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Way:
    """Where a contribution goes.

    Attributes
    ----------
    store
        The special remote that gets the contents; None for the public one that is enabled.
    remote
        The git remote that gets the branches; "" for none.
    read_back
        Whether each content is read back from the store and its hash compared.
    """

    store: str | None = None
    remote: str = ""
    read_back: bool = True


def offer(repository: Path, work: Path, plan: MergePlan, way: Way, say: Say) -> Store | None:
    """Take a contribution in, as a branch of its own; return what has its contents, if any.

    A run that is killed leaves nothing that anybody sees: the branch comes last. A second run
    sends only what the store lacks.

    Raises
    ------
    SpinegateError
        A content is missing or can't be stored: there is no branch then.
    """
    store = _store(repository, work, plan, way, say) if plan.keys else None
    move_ref(repository, f"refs/heads/{plan.branch}", build(repository, work, plan))
    publish_offer(repository, work, plan, way)
    return store


def publish_offer(repository: Path, work: Path, plan: MergePlan, way: Way) -> None:
    """Push the git-annex branch, then the contribution's, where the remote hasn't got it.

    Raises
    ------
    SpinegateError
        The remote refuses.
    """
    if not way.remote or _tip(repository, f"refs/remotes/{way.remote}/{plan.branch}"):
        return
    if plan.keys:
        publish_whereabouts(repository, work, way.remote)
    ref = f"refs/heads/{plan.branch}"
    refusal = push(repository, way.remote, f"{ref}:{ref}")
    if refusal:
        raise SpinegateError(
            f"{plan.branch} is ready here, but {way.remote} doesn't take it: {refusal}"
        )


def _store(repository: Path, work: Path, plan: MergePlan, way: Way, say: Say) -> Store:
    found = find_store(repository, way.store)
    store = found.name
    keys = list(dict.fromkeys(plan.keys.values()))
    say(f"Contents: {len(keys):,} into the annex ...")
    _gather(repository, work, plan)
    missing = check_presence(repository, store, keys)
    _take(repository, keys, missing, store, plan.contribution.remote)
    note_presence(repository, [key for key in keys if key not in missing], found.uuid)
    tree = build_tree_of(repository, work, {f"{at:06d}": key for at, key in enumerate(keys)})
    # What git-annex reads back damaged it removes: then it is sent again, since all are here.
    for left in range(_TRIES - 1, -1, -1):
        try:
            say(f"Contents: {len(missing):,} to {store} ...")
            send(repository, store, missing)
            if way.read_back:
                say(f"Contents: {len(keys):,} read back from {store} ...")
                verify(repository, store, tree, len(keys))
            missing = check_presence(repository, store, keys)
            if not missing:
                return found
        except SpinegateError:
            if not left:
                raise
            time.sleep(_PAUSE)  # a server may be short of breath
            missing = check_presence(repository, store, keys)
    raise SpinegateError(f"{store} lacks {len(missing):,} contents, such as {missing[0]}")


def _take(repository: Path, keys: list[str], missing: list[str], store: str, remote: str) -> None:
    """Bring here what isn't: nothing is ever in one place alone while it is checked."""
    here = find_here(repository, keys)
    lacking = [key for key in keys if key not in here]
    elsewhere = [key for key in lacking if key in missing]
    if elsewhere and not remote:
        raise SpinegateError(f"{len(elsewhere):,} contents are not here: {elsewhere[0]}")
    take_from(repository, remote, elsewhere)
    take_from(repository, store, [key for key in lacking if key not in missing])


def _gather(repository: Path, work: Path, plan: MergePlan) -> None:
    """Bring the contents of a folder or zip into the annex; the contributor's files stay."""
    staged = []
    folder = work / "contents"
    folder.mkdir(exist_ok=True)
    here = find_here(repository, plan.keys.values())
    for piece in plan.contribution.pieces:
        if piece.key and piece.source is not None and piece.key not in here:
            target = folder / piece.key
            if not target.exists():
                try:
                    shutil.copyfile(piece.source, target)
                except OSError as error:
                    raise SpinegateError(f"{piece.path}: {error.strerror}") from None
                staged.append(target)
    inject(repository, staged)


def _tip(repository: Path, ref: str) -> str:
    try:
        return git(repository, "rev-parse", "--verify", "--quiet", ref).decode().strip()
    except ToolError:
        return ""
