"""What curation does to one file, as a value; findings propose it, plans list it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rename:
    """A file gets another name, maybe in another folder."""

    path: str
    to: str


@dataclass(frozen=True, slots=True)
class Set:
    """A key of a JSON file, or cells of a table, get a value.

    Attributes
    ----------
    path
        The file, by its name of before the plan.
    key
        Top-level key of the JSON file; name of the table's column.
    value
        A JSON value; a table takes text and numbers.
    former
        Of a table: only the cells that hold exactly this.
    row
        Of a table: only the row of this participant (else of this first cell).
    """

    path: str
    key: str
    value: Any
    former: str | None = None
    row: str | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """A top-level key leaves a JSON file."""

    path: str
    key: str


@dataclass(frozen=True, slots=True)
class Delete:
    """A file goes."""

    path: str


@dataclass(frozen=True, slots=True)
class Write:
    """A text file is written: a new one, or a former one anew.

    Attributes
    ----------
    path
        The file.
    value
        All that it holds, written as UTF-8 with the line ends it has.
    former
        What it must hold until then, as `digest` says it; None where that doesn't matter.
    """

    path: str
    value: str
    former: str | None = None

    @property
    def content(self) -> bytes:
        """What it holds, as bytes."""
        return self.value.encode()


Operation = Rename | Set | Remove | Delete | Write
Edit = Set | Remove

WORDS: Mapping[str, type[Operation]] = {
    "rename": Rename, "set": Set, "remove": Remove, "delete": Delete,
    "write": Write,
}  # fmt: skip
FIELDS: Mapping[str, tuple[str, ...]] = {
    "rename": ("to",), "set": ("key", "value", "from", "row"), "remove": ("key",), "delete": (),
    "write": ("value", "from"),
}  # fmt: skip
"""What an operation has beside its path, as findings and plans spell it."""

OPTIONAL = frozenset({"from", "row"})


NOTHING = "nothing"
_DIGEST = re.compile(rf"{NOTHING}|sha256:[0-9a-f]{{64}}")


def digest(content: bytes | None) -> str:
    """Say in short what a file holds, None where there is none.

    Examples
    --------
    >>> digest(None)
    'nothing'
    >>> digest(b"")[:20]
    'sha256:e3b0c44298fc1'
    """
    return NOTHING if content is None else f"sha256:{hashlib.sha256(content).hexdigest()}"


def word_of(operation: Operation) -> str:
    """Return the operation's word, such as ``rename``."""
    return next(word for word, kind in WORDS.items() if kind is type(operation))


def to_mapping(operation: Operation) -> dict[str, Any]:
    """Return the operation as findings and YAML plans spell it."""
    spelt: dict[str, Any] = {"op": word_of(operation), "path": operation.path}
    for name in FIELDS[spelt["op"]]:
        value = getattr(operation, "former" if name == "from" else name)
        if value is not None or name not in OPTIONAL:
            spelt[name] = value
    return spelt


def spelling(operation: Operation) -> str:
    """Return a text that two operations share only if they do the same."""
    return json.dumps(to_mapping(operation), sort_keys=True)


def from_mapping(spelt: Mapping[str, Any]) -> Operation:
    """Make an operation of what a finding's ``fix`` or a plan says.

    Raises
    ------
    ValueError
        What is wrong with it, in words.
    """
    word = spelt.get("op")
    if not isinstance(word, str) or word not in WORDS:
        raise ValueError(f"op must be one of {', '.join(WORDS)}")
    needed = ("path", *(name for name in FIELDS[word] if name not in OPTIONAL))
    missing = [name for name in needed if name not in spelt]
    if missing:
        raise ValueError(f"{word} needs {' and '.join(missing)}")
    extra = [name for name in spelt if name not in ("op", "path", *FIELDS[word])]
    if extra:
        raise ValueError(f"{word} has no {' and no '.join(extra)}")
    for name, value in spelt.items():
        if (name != "value" or word == "write") and not isinstance(value, str):
            raise ValueError(f"{name} must be text")
    if word == "write" and not _DIGEST.fullmatch(spelt.get("from", NOTHING)):
        raise ValueError(f"from must be {NOTHING}, or sha256: and 64 digits")
    if word == "write" and not _encodable(spelt["value"]):
        raise ValueError("value must be text that UTF-8 can hold")
    fields = {"former" if k == "from" else k: v for k, v in spelt.items() if k != "op"}
    return WORDS[word](**fields)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def inverse(operation: Operation) -> Operation | None:
    """Return what takes an operation back; None where the plan doesn't say what was there."""
    if isinstance(operation, Rename):
        return Rename(operation.to, operation.path)
    return None
