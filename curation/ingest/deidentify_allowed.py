"""The allow-list of a sidecar's keys, as allowed.yaml has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ...system.yaml import Document, read_yaml


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be done with each key; one that is nowhere goes.

    Attributes
    ----------
    keep
        Stays as it is, less names.
    coded
        Those of them in which no name of a person is sought: a person may be called like a town.
    text
        Stays, less what tells of a person.
    hashed, timed
        Key -> key under which its salted hash, or its time of day, stays.
    dates
        Stays where dates are asked for.
    """

    keep: frozenset[str]
    coded: frozenset[str]
    text: frozenset[str]
    hashed: Mapping[str, str]
    timed: Mapping[str, str]
    dates: frozenset[str]

    def knows(self, key: str) -> bool:
        """Whether a key may stand in a sidecar, in whatever form."""
        return key in self.keep or key in self.text or key in self.hashed.values()


@cache
def load_allowed() -> Allowed:
    """Read the list that comes with the program."""
    document = read_yaml(Path(__file__).with_name("allowed.yaml"), "allowed.yaml")
    value: Any = document.value
    kept = [_names(document, part) for part in value["keep"].values()]
    return Allowed(
        frozenset().union(*kept),
        _names(document, value["coded"]),
        _names(document, value["text"]),
        dict(value["hash"]),
        dict(value["time"]),
        _names(document, value["dates"]),
    )


def _names(document: Document, value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise document.error("must be a list of keys")
    return frozenset(value)
