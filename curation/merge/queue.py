"""The contributions that wait to be accepted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ...system.blobs import read_blobs
from ...system.errors import ConfigError
from ...system.git import find_merge_base, git
from ...validator.options import Options
from ...validator.remote.branch import Branch, Whereabouts, read_branch
from ...validator.remote.logs import WEB
from ...validator.remote.places import Places
from .accept import holds
from .attest import FOLDER, Record, read_record
from .contribution import subject_of
from .fork import files_of, keys_of
from .talk import fetch
from .trial import new_errors

_PREFIX = "contribution/"
_LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Waiting:
    """A contribution that waits.

    Attributes
    ----------
    errors
        Remedy -> errors that it would bring; None where that wasn't looked at.
    images, public
        How many images it brings, and of how many the content can be had by everybody.
    attested
        Whether the contributor's word is there.
    """

    branch: str
    commit: str
    site: str
    participants: tuple[str, ...]
    contact: str
    days: int
    errors: Mapping[str, int] | None
    images: int
    stored: int
    public: int
    attested: bool

    def to_json(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "branch": self.branch,
            "commit": self.commit,
            "site": self.site,
            "participants": list(self.participants),
            "contact": self.contact,
            "days": self.days,
            "errors": None if self.errors is None else dict(self.errors),
            "images": self.images,
            "stored": self.stored,
            "public": self.public,
            "attested": self.attested,
        }


def fetch_queue(repository: Path, remote: str) -> None:
    """Fetch the contributions of a remote, and its git-annex branch if it has one."""
    fetch(repository, remote, f"+refs/heads/{_PREFIX}*:refs/remotes/{remote}/{_PREFIX}*")
    fetch(repository, remote, f"+refs/heads/git-anne*:refs/remotes/{remote}/git-anne*")


def open_branches(repository: Path, remote: str, main: str) -> dict[str, str]:
    """Return the contributions that the main commit hasn't got: name -> last commit."""
    places = [f"refs/heads/{_PREFIX}"] + ([f"refs/remotes/{remote}/{_PREFIX}"] if remote else [])
    listing = git(repository, "for-each-ref", "--format=%(refname) %(objectname)", *places)
    found: dict[str, str] = {}
    for line in listing.decode(errors="replace").splitlines():
        ref, _, commit = line.rpartition(" ")
        name = _PREFIX + ref.partition(f"/{_PREFIX}")[2]
        other = found.get(name)
        if holds(repository, main, commit):
            continue
        if other is None or holds(repository, commit, other):
            found[name] = commit
    return dict(sorted(found.items()))


def choose(name: str, branches: Mapping[str, str]) -> str:
    """Return the open contribution that a name means: its beginning is enough."""
    word = _PREFIX + name.removeprefix("refs/heads/").removeprefix(_PREFIX)
    alike = [branch for branch in branches if branch.startswith(word)]
    return alike[0] if len(alike) == 1 else name if name in branches or not alike else word


def files_in_queue(
    repository: Path, branches: Mapping[str, str], main: str
) -> dict[str, set[str]]:
    """Return the new files of each open contribution."""
    found = {}
    for name, commit in branches.items():
        start = find_merge_base(repository, main, commit)
        before = files_of(repository, start) if start else {}
        found[name] = {path for path in files_of(repository, commit) if path not in before}
    return found


def list_queue(
    repository: Path, remote: str, main: str, *, judge: bool, today: date, spec: str | None = None
) -> Iterator[Waiting]:
    """Yield the open contributions, those that wait longest first.

    Parameters
    ----------
    judge
        Whether each is validated, which takes seconds.
    """
    knowledge = [branch for branch in (
        read_branch(repository),
        read_branch(repository, [f"refs/remotes/{remote}/git-annex"]) if remote else None,
    ) if branch is not None]  # fmt: skip
    found = []
    for name, commit in open_branches(repository, remote, main).items():
        found.append(_waiting(repository, name, commit, main, knowledge, today, judge, spec))
    yield from sorted(found, key=lambda one: (-one.days, one.branch))


def _waiting(
    repository: Path, name: str, commit: str, main: str, knowledge: list[Branch], today: date,
    judge: bool, spec: str | None,
) -> Waiting:  # fmt: skip
    start = find_merge_base(repository, main, commit)
    before = files_of(repository, start) if start else {}
    now = files_of(repository, commit)
    brought = {path: file for path, file in now.items() if before.get(path) != file}
    keys = set(keys_of(repository, brought).values())
    stored, public = _places(knowledge, keys)
    record = _record(repository, brought, before)
    subjects = {subject_of(path) for path in brought if path not in before} - {""}
    errors: Counter[str] | None = None
    if judge and start:
        from ...validator.run import validate

        errors = new_errors(
            validate(Options(repository, ref=commit, base=main, profile="incoming", spec=spec))
        )
    return Waiting(
        name, commit,
        record.site if record else re.sub(r"-[0-9a-f]+\Z", "", name.removeprefix(_PREFIX)),
        tuple(sorted(subjects)),
        record.attestation.contact if record else "",
        _days(repository, start, commit, today),
        errors, len(keys), stored, public, record is not None,
    )  # fmt: skip


def _days(repository: Path, start: str | None, commit: str, today: date) -> int:
    """Return the days since the contribution came in: the age of its first commit."""
    span = f"{start}..{commit}" if start else commit
    listing = git(repository, "log", "--format=%ct", "--reverse", span).split()
    if not listing:
        return 0
    since = datetime.fromtimestamp(int(listing[0]), UTC).date()
    return max((today - since).days, 0)


def _places(knowledge: list[Branch], keys: set[str]) -> tuple[int, int]:
    """Count the contents that lie in a special remote, and those that everybody can get."""
    stored: set[str] = set()
    public: set[str] = set()
    for branch in knowledge:
        places = Places(branch, Whereabouts({}))
        special = {remote.uuid for remote in branch.remotes.values()} | {WEB}
        anybody = {uuid for uuid in special if places.public(uuid)}
        for key, uuids in branch.locate(keys).where.items():
            if special.intersection(uuids):
                stored.add(key)
            if anybody.intersection(uuids):
                public.add(key)
    return len(stored), len(public)


def _record(
    repository: Path, brought: Mapping[str, tuple[str, str]], before: Mapping[str, object]
) -> Record | None:
    oids = {oid: path for path, (_, oid) in brought.items()
            if path.startswith(f"{FOLDER}/") and path not in before}  # fmt: skip
    for oid, content in read_blobs(repository, oids, _LIMIT):
        try:
            return read_record(content, oids[oid])
        except ConfigError:
            continue
    return None
