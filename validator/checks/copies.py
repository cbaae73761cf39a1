"""How many copies of an image are wanted: by the git-annex branch, or by .gitattributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from fnmatch import translate
from typing import NamedTuple

from ..dataset import Dataset
from ..remote.branch import Branch

_NAME = "annex.numcopies"
_LARGEST = 1000


class Line(NamedTuple):
    """One line of .gitattributes that speaks of copies; None takes back what was said before."""

    parts: tuple[re.Pattern[str] | None, ...]
    number: int | None

    def fits(self, path: str) -> bool:
        """Whether the line is about a file; `None` among the parts stands for any folders."""
        names = path.split("/")
        parts = self.parts
        if parts[0] is None:
            names, parts = names[len(names) - len(parts) + 1 :], parts[1:]
        if parts and parts[-1] is None:
            parts = parts[:-1]
            names = names[: len(parts)] if len(names) > len(parts) else []
        return len(names) == len(parts) and all(
            part is None or part.match(name) for part, name in zip(parts, names, strict=True)
        )


def copies_wanted(dataset: Dataset, branch: Branch) -> Callable[[str], int | None] | None:
    """Return what says how many copies of a file are wanted; None where nobody has said.

    As in git-annex, .gitattributes counts before the branch; of it only the one at the top is
    read, with patterns of names, of whole paths, and ``**`` at their start or end.
    """
    lines = parse_attributes((dataset.read(".gitattributes") or b"").decode(errors="replace"))
    if not lines and branch.numcopies is None:
        return None

    def wanted(path: str) -> int | None:
        for line in reversed(lines):
            if line.fits(path):
                return branch.numcopies if line.number is None else line.number
        return branch.numcopies

    return wanted


def parse_attributes(text: str) -> list[Line]:
    """Read the lines of .gitattributes that set the number of copies."""
    lines = []
    for words in map(str.split, text.splitlines() if _NAME in text else ()):
        if len(words) < 2 or words[0].startswith(("#", "[")) or words[0].endswith("/"):
            continue
        for word in words[1:]:
            name, _, value = word.partition("=")
            if name.lstrip("-!") == _NAME:
                known = value.isdecimal() and len(value) < 5 and name == _NAME
                number = min(int(value), _LARGEST) if known else None
                lines.append(Line(_parts(words[0]), number))
    return lines


def _parts(pattern: str) -> tuple[re.Pattern[str] | None, ...]:
    words = [word for word in pattern.strip('"').split("/") if word]
    parts = tuple(None if word == "**" else re.compile(translate(word)) for word in words)
    return parts if "/" in pattern and parts else (None, *parts)


def count_copies(holders: Collection[str], branch: Branch) -> int:
    """Count the copies that git-annex counts: those in repositories that aren't untrusted."""
    return len(set(holders) - branch.untrusted - branch.dead)
