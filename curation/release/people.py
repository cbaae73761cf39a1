"""Authors as papers name them, taken apart for CITATION.cff and Zenodo."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_PARTICLES = frozenset(
    ("al", "ap", "ben", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du",
     "el", "la", "le", "les", "ten", "ter", "van", "vom", "von", "zu", "zur")
)  # fmt: skip
_ARTICLES = frozenset(("a", "an", "the"))
_SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv"))
_INITIALS = re.compile(r"(?:\w\.[ -]?)+|\w(?:-\w)?\.?|(?:\w\.-?)+\w?\.?")
_LAST = re.compile(r"[A-Z]\.?(?:-?[A-Z]\.?){0,2}")
_STUCK = re.compile(r"((?:\w\.)+)(\w{2}.*)")  # an initial without a space behind it
_SPLIT = re.compile(r"\s*(?:[;&\n]|,| and )\s*")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is named.

    Attributes
    ----------
    family, given, suffix
        `given` is empty for a group, and where there is one name only.
    """

    family: str
    given: str = ""
    suffix: str = ""

    @property
    def sorted_name(self) -> str:
        """Family name first, as libraries write it."""
        family = f"{self.family} {self.suffix}".strip()
        return f"{family}, {self.given}" if self.given else family

    @property
    def key(self) -> tuple[str, str]:
        """What is alike for the same person written in two ways."""
        return _plain(self.family), _plain(self.given)[:1]


def parse_person(text: str) -> Person:
    """Take a name apart.

    >>> parse_person('D. Van De Ville').sorted_name
    'Van De Ville, D.'
    >>> parse_person('Cohen-Adad, Julien').sorted_name
    'Cohen-Adad, Julien'
    """
    whole = " ".join(text.split())
    family, comma, given = whole.partition(",")
    if comma:
        return Person(family.strip(), given.strip())
    words = whole.split(" ")
    if words[0].lower() in _ARTICLES or any(_is_common(word) for word in words[1:]):
        return Person(whole)
    stuck = _STUCK.fullmatch(words[0])
    if stuck:
        words[:1] = [stuck[1], stuck[2]]
    suffix = words.pop() if len(words) > 2 and words[-1].lower() in _SUFFIXES else ""
    if len(words) == 1:
        return Person(words[0], "", suffix)
    at = 0
    while at < len(words) - 1 and _INITIALS.fullmatch(words[at]):
        at += 1
    if not at and _LAST.fullmatch(words[-1]):  # Hagiwara A.
        return Person(" ".join(words[:-1]), words[-1], suffix)
    if not at:
        at = len(words) - 1
        while at > 1 and words[at - 1].lower() in _PARTICLES:
            at -= 1
    return Person(" ".join(words[at:]), " ".join(words[:at]), suffix)


def others(cells: Iterable[str], authors: Iterable[Person]) -> Iterator[Person]:
    """Yield the people of a column of participants.tsv who aren't among the authors, each once."""
    known = {author.key for author in authors}
    for cell in dict.fromkeys(cells):
        for name in _SPLIT.split(cell.strip()):
            if name and name.lower() not in ("n/a", "-"):
                person = parse_person(name)
                if person.key not in known and person.given:
                    known.add(person.key)
                    yield person


def _is_common(word: str) -> bool:
    """Whether a word is none of a person's name: groups have such words."""
    return word[:1].islower() and word not in _PARTICLES and word not in _SUFFIXES


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in folded if char.isalnum())
