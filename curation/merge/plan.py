"""What a contribution would do to a dataset, found out without touching it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from ...system.blobs import read_blobs
from ...system.errors import SpinegateError
from ...validator.report.phrases import listed
from ...validator.tree import FILE
from ..annex import is_annex, key_of_files
from ..commit import commit_message
from ..git_commit import write_commit
from .attest import Attestation, Record, format_record, record_path
from .build import (
    Change,
    is_locked,
    write_pointers,
    write_text,
    write_texts,
    write_tree,
)
from .collisions import find_collisions, find_duplicates, find_present
from .columns import map_columns, rename_columns, with_id
from .contribution import PARTICIPANTS, Contribution, Problem, annexed, digest_of
from .decisions import FILE as DECISIONS
from .decisions import LIMIT, append_rows
from .folder import TEXT_LIMIT
from .fork import Files, files_of, keys_of
from .rows import Merged, People, merge_people, read_people

_SITES = 3
_EMPTY = People((), {}, {})
_WORD = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class MergePlan:
    """A contribution as it would come in.

    Attributes
    ----------
    id
        The same contribution has the same.
    site
        Where it comes from; several are listed, the largest first.
    base
        The dataset's commit on which it is built.
    people
        participants.tsv with its rows; None where it stays as it is.
    columns
        Column of the contribution -> column of the dataset.
    problems
        What must be mended before it can be taken.
    """

    id: str
    site: str
    base: str
    contribution: Contribution
    people: Merged | None
    columns: Mapping[str, str]
    problems: tuple[Problem, ...]
    attestation: Attestation
    received: str
    locked: bool

    @property
    def branch(self) -> str:
        """The branch that it is offered on."""
        return f"contribution/{self.id}"

    @property
    def keys(self) -> dict[str, str]:
        """The images: path -> key."""
        return {piece.path: piece.key for piece in self.contribution.pieces if piece.key}

    @property
    def record(self) -> Record:
        """What the dataset keeps of it."""
        return Record(
            self.id, self.site, self.received, self.contribution.kind,
            self.contribution.subjects, self.attestation,
        )  # fmt: skip


def make_plan(
    repository: Path,
    base: str,
    contribution: Contribution,
    attestation: Attestation,
    *,
    columns: Mapping[str, str],
    site: str | None = None,
    open_ones: Mapping[str, set[str]] | None = None,
) -> MergePlan:
    """Work out what a contribution does to the dataset.

    Raises
    ------
    SpinegateError
        The dataset is not in git-annex and images are to come in; a column isn't there.
    """
    files = files_of(repository, base)
    contribution = _with_keys(repository, contribution)
    known = keys_of(repository, files)
    problems = list(contribution.problems)
    problems += find_collisions(contribution.pieces, files, open_ones or {}, contribution.folder)
    replaced = {*contribution.gone, *(piece.path for piece in contribution.pieces)}
    remaining = {path: key for path, key in known.items() if path not in replaced}
    problems += find_duplicates(contribution.pieces, remaining)
    collided = {problem.path for problem in problems if problem.kind == "subject"}
    if not contribution.start:
        problems += find_present(contribution.pieces, files, collided)
    people, mapping, told = _people(repository, files, contribution, columns)
    problems += told
    homeless = [name for name in mapping.pop("", "").split("\t") if name]
    told_of = [
        (PARTICIPANTS, f"column {name!a} has no place in the dataset's") for name in homeless
    ]
    contribution = replace(contribution, left=(*contribution.left, *told_of))
    sites = (site,) if site else _sites(contribution, people)
    ident = f"{_WORD.sub('', sites[0]) or 'site'}-{_digest(contribution)}"
    return MergePlan(
        ident, listed(sites, _SITES), base, contribution, people, mapping, tuple(problems),
        attestation, date.today().isoformat(), is_locked(files, known),
    )  # fmt: skip


def _with_keys(repository: Path, contribution: Contribution) -> Contribution:
    sources = [piece for piece in contribution.pieces if piece.source and annexed(piece.path)]
    if any(annexed(piece.path) for piece in contribution.pieces) and not is_annex(repository):
        raise SpinegateError(
            f"{repository} is not set up for git-annex, which keeps the images: git annex init"
        )
    named = []
    for number, piece in enumerate(sources):  # a zip's members have lost their endings
        assert piece.source is not None
        ending = piece.path[piece.path.rindex("/") + 1 :].partition(".")[2]
        if not piece.source.name.endswith(f".{ending}"):
            target = piece.source.with_name(f"image-{number}.{ending}")
            piece.source.rename(target)
            piece = replace(piece, source=target)  # noqa: PLW2901
        named.append(piece)
    paths = [piece.source for piece in named if piece.source]
    keys = dict(zip((p.path for p in named), key_of_files(repository, paths), strict=True))
    moved = {piece.path: piece for piece in named}
    problems = [Problem(path, "it can't be read") for path, key in keys.items() if not key]
    pieces = tuple(
        replace(moved[piece.path], key=keys[piece.path]) if piece.path in keys else piece
        for piece in contribution.pieces
    )
    return replace(contribution, pieces=pieces, problems=(*contribution.problems, *problems))


def _digest(contribution: Contribution) -> str:
    marks = {}
    for piece in contribution.pieces:
        if piece.key or piece.oid:
            marks[piece.path] = piece.key or piece.oid
        elif piece.source is not None:
            marks[piece.path] = hashlib.sha256(piece.source.read_bytes()).hexdigest()
    return digest_of(contribution, marks)


def _people(
    repository: Path, files: Files, contribution: Contribution, chosen: Mapping[str, str]
) -> tuple[Merged | None, dict[str, str], list[Problem]]:
    """Merge the participants; return also the columns, and what is in the way."""
    if contribution.people is None:
        return None, {}, []
    if PARTICIPANTS not in files:
        return None, {}, [Problem(PARTICIPANTS, "the dataset has none to add rows to")]
    oid = files[PARTICIPANTS][1]
    ours = read_people(dict(read_blobs(repository, [oid], TEXT_LIMIT)).get(oid, b""))
    mapping: dict[str, str] = {}
    if contribution.start:
        former = read_people(contribution.former) if contribution.former is not None else _EMPTY
        theirs = read_people(contribution.people)
    else:
        former = _EMPTY
        theirs = read_people(with_id(contribution.people, chosen))
        mapping, left = map_columns(
            theirs, ours, {k: v for k, v in chosen.items() if v != "participant_id"}
        )
        theirs = rename_columns(theirs, mapping)
        mapping = {old: new for old, new in mapping.items() if old != new}
        if left:
            mapping[""] = "\t".join(left)
    merged = merge_people(former, ours, theirs)
    if merged.conflicts:
        return merged, mapping, [Problem(PARTICIPANTS, told, "row") for told in merged.conflicts]
    return merged, mapping, []


def _sites(contribution: Contribution, people: Merged | None) -> tuple[str, ...]:
    """Return the sites, the largest first: those of the rows, else the starts of the names."""
    rows = read_people(people.content).rows if people is not None else {}
    names = dict.fromkeys([*contribution.subjects, *(people.added if people is not None else ())])
    found = Counter(rows.get(name, {}).get("institution_id", "n/a") for name in names)
    found.pop("n/a", None)
    if not found:
        found.update(re.sub(r"\d+\Z", "", name.removeprefix("sub-")) for name in names)
    return tuple(site for site, _ in found.most_common()) or ("site",)


def build(repository: Path, work: Path, plan: MergePlan) -> str:
    """Make the commit of a contribution in a repository; return its id. No branch moves."""
    contribution = plan.contribution
    changes: dict[str, Change | None] = dict.fromkeys(contribution.gone)
    texts = [piece for piece in contribution.pieces if not piece.key and piece.source]
    oids = write_texts(repository, [piece.source for piece in texts if piece.source])
    changes.update((piece.path, (FILE, oid)) for piece, oid in zip(texts, oids, strict=True))
    changes.update((p.path, (FILE, p.oid)) for p in contribution.pieces if p.oid)
    changes.update(write_pointers(repository, work, plan.keys, plan.locked))
    if plan.people is not None and plan.people.content:
        changes[PARTICIPANTS] = (FILE, write_text(repository, plan.people.content))
    if plan.contribution.decisions:
        changes[DECISIONS] = (FILE, write_text(repository, _decisions(repository, plan)))
    counts = {"files": len(contribution.pieces), "images": len(plan.keys)}
    changes[record_path(plan.id)] = (
        FILE, write_text(repository, format_record(plan.record, counts))
    )  # fmt: skip
    tree = write_tree(repository, work, plan.base, changes)
    return write_commit(repository, tree, [plan.base], message_of(plan))


def _decisions(repository: Path, plan: MergePlan) -> bytes:
    """Return the dataset's decisions on defacing with those of the contribution after them."""
    file = files_of(repository, plan.base).get(DECISIONS)
    known = dict(read_blobs(repository, [file[1]], LIMIT)).get(file[1]) if file else None
    return append_rows(known, plan.contribution.decisions)


def message_of(plan: MergePlan) -> str:
    """Say in the commit where everything comes from."""
    subjects = plan.contribution.subjects
    count = f"{len(subjects):,} participant{'s' * (len(subjects) != 1)}"
    said = plan.attestation
    return commit_message(
        "contribution", f"{count} of {plan.site}",
        trailers={
            "Contribution": plan.id,
            "Contribution-Source": plan.contribution.kind,
            "Contributed-by": said.contact,
            "Ethics-Approval": said.ethics_approval,
        },
    )  # fmt: skip
