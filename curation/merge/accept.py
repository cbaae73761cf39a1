"""A contribution merged into the main branch, and published: contents, whereabouts, files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.errors import SpinegateError, ToolError
from ...system.git import find_commit, git
from ...validator.options import Options
from ...validator.remote.branch import read_branch
from ...validator.result import Report
from ..annex import check_presence, find_here, note_presence, patiently, send
from ..commit import commit_message
from ..git_commit import write_commit
from .attest import FOLDER, Record, read_record
from .build import Change, move_ref
from .contribution import refusal
from .decisions import FILE as DECISIONS
from .effects import Effect, deletions, find_effects
from .fork import Files, files_of, keys_of
from .objections import find_problems, rows_gone
from .offer import Say, Way
from .place import refresh_main
from .show import in_the_way
from .store import find_store
from .talk import fetch, push
from .three_ways import merge_commits
from .whereabouts import publish_whereabouts

_TRIES = 8
_LIMIT = 1024 * 1024
_ALSO = ("exclude.yml", "participants.json", DECISIONS)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The merge of a contribution as it would be.

    Attributes
    ----------
    commit
        Of the merge; no branch has it yet.
    main
        The main branch's commit that it builds on.
    records
        Of the contributions in the branch.
    effects
        What becomes of each participant's files.
    rows_gone
        Participants whose rows it takes out.
    """

    commit: str
    main: str
    tip: str
    records: tuple[Record, ...]
    keys: tuple[str, ...]
    effects: tuple[Effect, ...]
    rows_gone: tuple[str, ...]
    report: Report

    @property
    def lost(self) -> list[str]:
        """The files and rows that wouldn't be there any more."""
        return [*deletions(self.effects), *(f"the row {name}" for name in self.rows_gone)]


def find_tip(repository: Path, branch: str, remote: str) -> str:
    """Return the last commit of a branch, here or at the remote, whichever went on from the other.

    Raises
    ------
    SpinegateError
        There is no such branch, or both have commits that the other lacks.
    """
    name = branch.removeprefix("refs/heads/").removeprefix(f"{remote}/" if remote else "")
    here = _tip(repository, f"refs/heads/{name}")
    there = ""
    if remote:
        ref = f"refs/remotes/{remote}/{name}"
        try:
            fetch(repository, remote, f"+refs/heads/{name}:{ref}")
            there = _tip(repository, ref)
        except SpinegateError as error:
            if "couldn't find remote ref" not in str(error):
                raise
    if not here and not there:
        raise SpinegateError(f"there is no branch {name!r}: spinegate curate queue lists them")
    if not there or (here and holds(repository, here, there)):
        return here
    if not here or holds(repository, there, here):
        return there
    raise SpinegateError(
        f"{name} here and at {remote} have gone apart: bring them together first "
        f"(git switch {name}; git pull)"
    )


def prepare(
    repository: Path, work: Path, main: str, tip: str, name: str, spec: str | None = None
) -> Acceptance:
    """Merge in memory and validate the result.

    Raises
    ------
    SpinegateError
        There are conflicts, the attestation is missing, or the branch changes what isn't data.
    """
    from ...validator.run import validate

    joined = merge_commits(repository, work, main, tip)
    if joined.conflicts:
        told = "; ".join(joined.conflicts[:5])
        raise SpinegateError(f"{name} can't be merged by itself: {told}")
    foreign = [path for path in joined.changes if not _is_data(path)]
    if foreign:
        raise SpinegateError(
            f"{name} changes what isn't data of participants: {', '.join(foreign[:5])}; that "
            "needs a pull request of its own"
        )
    files = files_of(repository, main)
    records = _records(repository, joined.changes, files)
    keys = keys_of(repository, files)
    brought = {path: change for path, change in joined.changes.items() if change}
    new_keys = keys_of(repository, brought)
    problems = find_problems(repository, joined, files, keys, new_keys, records)
    if problems:
        raise SpinegateError(f"{name} can't be accepted: {in_the_way(problems)}")
    commit = write_commit(repository, joined.tree, [main, tip], _message(name, records))
    report = validate(Options(repository, ref=commit, base=main, profile="incoming", spec=spec))
    return Acceptance(
        commit, main, tip, records, tuple(dict.fromkeys(new_keys.values())),
        find_effects(files, joined.changes, keys, new_keys), rows_gone(repository, joined, files),
        report,
    )  # fmt: skip


def accept(
    repository: Path, work: Path, name: str, main: str, way: Way, spec: str | None, say: Say,
    allow_deletions: bool = False,
) -> Acceptance:  # fmt: skip
    """Merge a contribution into the main branch and publish it.

    Contents are verified, then the git-annex branch is pushed, then the main branch: nobody ever
    sees files whose contents aren't there. If somebody was faster, all is merged and validated
    anew.

    Raises
    ------
    SpinegateError
        It can't be merged, the merge has errors, or contents are missing: nothing is published.
    """
    for _ in range(_TRIES):
        base = refresh_main(repository, way.remote, main)
        tip = find_tip(repository, name, way.remote)
        if holds(repository, base, tip):
            raise SpinegateError(f"{name} is in {main} already")
        ready = prepare(repository, work, base, tip, name, spec)
        if ready.report.failed or (ready.lost and not allow_deletions):
            return ready
        if ready.keys:
            _ensure(repository, ready.keys, way, say)
            if way.remote:
                publish_whereabouts(repository, work, way.remote)
        refused = _publish(repository, way.remote, main, ready)
        if not refused:
            return ready
        if refresh_main(repository, way.remote, main) == base:
            raise SpinegateError(f"{way.remote or 'git'} doesn't take {main}: {refused}")
        say("Somebody else was faster: merging anew ...")
    raise SpinegateError(f"{main} changes too fast: try again later; nothing was published")


def _publish(repository: Path, remote: str, main: str, ready: Acceptance) -> str:
    ref = f"refs/heads/{main}"
    if remote:
        return push(repository, remote, f"{ready.commit}:{ref}")
    listing = git(repository, "worktree", "list", "--porcelain").decode(errors="replace")
    if f"branch {ref}\n" in listing:
        raise SpinegateError(
            f"there is no git remote to publish at, and {main} is checked out here: "
            f"git merge --ff-only {ready.commit[:12]} takes the finished merge in"
        )
    try:
        move_ref(repository, ref, ready.commit, ready.main)
    except ToolError as error:
        return str(error)
    return ""


def _ensure(repository: Path, keys: tuple[str, ...], way: Way, say: Say) -> None:
    """See to it that the store has all contents, and that the git-annex branch says so."""
    found = find_store(repository, way.store)
    store, uuid = found.name, found.uuid
    say(f"Contents: {len(keys):,} looked for in {store} ...")
    missing = patiently(lambda: check_presence(repository, store, keys))
    lost = set(missing) - find_here(repository, missing)
    if lost:
        raise SpinegateError(
            f"{len(lost):,} contents are neither in {store} nor here, such as {min(lost)}: "
            "git annex get them, or take the contribution in again by curate merge --from"
        )
    patiently(lambda: _deliver(repository, store, missing))
    branch = read_branch(repository)
    where = branch.locate(keys).where if branch else {}
    note_presence(repository, [key for key in keys if uuid not in where.get(key, ())], uuid)


def _deliver(repository: Path, store: str, keys: list[str]) -> None:
    """Send the contents that a store lacks.

    Raises
    ------
    SpinegateError
        It doesn't take them.
    """
    missing = check_presence(repository, store, keys)
    if not missing:
        return
    send(repository, store, missing)
    if still := check_presence(repository, store, missing):
        raise SpinegateError(f"{store} lacks {len(still):,} contents, such as {still[0]}")


def _is_data(path: str) -> bool:
    return not refusal(path) or path.startswith(f"{FOLDER}/") or path in _ALSO


def _records(
    repository: Path, changes: Mapping[str, Change | None], files: Files
) -> tuple[Record, ...]:
    new = {path: change[1] for path, change in changes.items()
           if change and path.startswith(f"{FOLDER}/") and path not in files}  # fmt: skip
    contents = dict(read_blobs(repository, set(new.values()), _LIMIT))
    return tuple(read_record(contents.get(oid, b""), path) for path, oid in sorted(new.items()))


def _message(name: str, records: tuple[Record, ...]) -> str:
    people = sum(len(record.participants) for record in records)
    sites = ", ".join(dict.fromkeys(record.site for record in records))
    summary = f"{people:,} participant{'s' * (people != 1)} of {sites}" if records else name
    trailers = {"Contribution": ", ".join(record.id for record in records) or name}
    return commit_message("merge", summary, trailers=trailers)


def holds(repository: Path, one: str, other: str) -> bool:
    """Whether one commit has another behind it, or is the same."""
    try:
        git(repository, "merge-base", "--is-ancestor", other, one)
    except ToolError:
        return False
    return True


def _tip(repository: Path, ref: str) -> str:
    try:
        return find_commit(repository, ref)
    except SpinegateError:
        return ""
