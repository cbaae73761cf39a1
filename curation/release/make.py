"""The plan of a release, as far as the dataset itself tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ...protocol_specs.loader import load_spec
from ...system.errors import SpinegateError
from ...system.git import find_root
from ...validator.dataset import Dataset, load_dataset
from ...validator.tree import open_tree
from .changes import file_of, items
from .checklist import OWN, Question, read_questions
from .citation import doi_of
from .draft import Draft
from .history import RELEASE, contributions, head_of, last_release, repository_of
from .licence import agree
from .people import others, parse_person

_KEYWORDS = ("BIDS", "MRI", "spinal cord")
_LIMIT = 4 << 20
_SPEC = "spine-generic"  # names and tables don't depend on the protocol


@dataclass(frozen=True, slots=True)
class Known:
    """A commit of a dataset, as the release looks at it.

    Attributes
    ----------
    questions
        What must be signed off.
    texts
        What the files that a release writes hold now, by name; nothing for those that aren't
        there.
    """

    folder: Path
    commit: str
    dataset: Dataset
    questions: Sequence[Question]
    texts: dict[str, str] = field(default_factory=dict)


def look(folder: Path, names: Sequence[str]) -> Known:
    """Read the commit that is checked out; changes that aren't committed have no part in it.

    Raises
    ------
    SpinegateError
        Not the top of a git repository, or files that can't be read.
    """
    if find_root(folder) != folder.resolve():
        raise SpinegateError(f"{folder} is not the top folder of a git repository")
    commit = head_of(folder)
    dataset = load_dataset(open_tree(folder, commit), load_spec(_SPEC))
    if "dataset_description.json" not in dataset.entries:
        raise SpinegateError(f"{folder} has no dataset_description.json")
    texts: dict[str, str] = {}
    for name in (*names, file_of(dataset.entries)):
        if name in dataset.entries:
            texts[name] = _read(dataset, name)
    own = _read(dataset, OWN).encode() if OWN in dataset.entries else None
    return Known(folder, commit, dataset, read_questions(own), texts)


def _read(dataset: Dataset, name: str) -> str:
    content = dataset.read(name, _LIMIT)
    if content is None or len(content) > _LIMIT:
        raise SpinegateError(f"{name} can't be read (a link, its content isn't here, too large)")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise SpinegateError(f"{name} isn't UTF-8 text: mend it first") from None


def make_draft(
    known: Known, release: str, today: date, results: Sequence[str]
) -> tuple[Draft, list[str]]:
    """Return the plan of a release, and what people have to decide in it.

    Raises
    ------
    SpinegateError
        Not the name of a release.
    """
    check_name(release)
    dataset, folder = known.dataset, known.folder
    described = dataset.description()
    since = last_release(folder, known.commit)
    repository = repository_of(folder)
    changes = items(contributions(folder, since, known.commit), repository)
    authors = tuple(map(parse_person, _words(described.get("Authors"))))
    table = dataset.participants
    cells = (table.column("researcher") if table else None) or []
    licence, doubt = agree(_text(described.get("License")), _licence_file(dataset))
    title = _text(described.get("Name")) or folder.resolve().name
    draft = Draft(
        release,
        known.commit,
        since,
        today.isoformat(),
        release,
        title,
        _description(dataset, title),
        licence,
        doi_of(_text(described.get("DatasetDOI"))),
        repository,
        changes,
        _words(described.get("Keywords")) or _KEYWORDS,
        tuple(results),
        authors,
        tuple(others(cells, authors)),
        tuple(known.questions),
    )
    decide = [doubt] if doubt else []
    if not changes:
        decide.append("nothing has come in since the last release: write changes")
    if not authors:
        decide.append("dataset_description.json names no Authors: write authors")
    return draft, decide


def check_name(release: str) -> None:
    """Refuse what isn't the name of a release.

    Raises
    ------
    SpinegateError
        With the form that it has.
    """
    if not RELEASE.fullmatch(release) or _day(release) is None:
        raise SpinegateError(f"{release!r} is no release: it is r and a day, such as r20261120")


def _day(release: str) -> date | None:
    try:
        return date.fromisoformat(release[1:9])
    except ValueError:
        return None


def _licence_file(dataset: Dataset) -> str:
    content = dataset.read("LICENSE", 1 << 16) if "LICENSE" in dataset.entries else None
    return (content or b"")[: 1 << 16].decode(errors="replace")


def _description(dataset: Dataset, title: str) -> str:
    people, sites = len(dataset.sites), len(set(dataset.sites.values()) - {""})
    count = f"{people:,} participant{'s' * (people != 1)}"
    where = f" from {sites:,} site{'s' * (sites != 1)}" if sites else ""
    return f"{title}: {count}{where}."


def _words(value: object) -> tuple[str, ...]:
    words = value if isinstance(value, list) else ()
    return tuple(shown for word in words if (shown := _text(word)))


def _text(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
