"""Participants as people write them: sub-amu01-05, not five names."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SUBJECT = re.compile(r"(?:^|/)(sub-[^/_]+)")
_NUMBERED = re.compile(r"(.*?)([0-9]+)\Z", re.ASCII | re.DOTALL)


def participant_of(path: str) -> str:
    """Return the participant to whom a path belongs, or '' for none.

    >>> participant_of('sourcedata/sub-amu01/anat/sub-amu01_T2w.json')
    'sub-amu01'
    """
    match = _SUBJECT.search(path)
    return match.group(1) if match else ""


def compress(participants: Iterable[str], limit: int = 12) -> str:
    """Name participants shortly: runs of numbers joined, at most `limit` runs written out.

    >>> compress(['sub-amu01', 'sub-amu02', 'sub-amu03', 'sub-amu05', 'sub-ucl02'])
    'sub-amu01-03, 05, sub-ucl02'
    """
    runs = _runs(participants)
    shown, last = [], None
    for stem, first, final in runs[:limit]:
        span = first if first == final else f"{first}-{final}"
        shown.append(span if stem == last and first else stem + span)
        last = stem
    hidden = sum(1 if not a else int(b) - int(a) + 1 for _, a, b in runs[limit:])
    return ", ".join(shown) + (f" and {hidden} more" if hidden else "")


def _runs(participants: Iterable[str]) -> list[tuple[str, str, str]]:
    """Return (stem, first number, last number); no numbers where a name has none."""
    runs: list[tuple[str, str, str]] = []
    for stem, number in sorted(map(_split, set(participants)), key=_by_number):
        if runs and number and runs[-1][0] == stem:
            _, first, last = runs[-1]
            if last and len(last) == len(number) and int(number) == int(last) + 1:
                runs[-1] = (stem, first, number)
                continue
        runs.append((stem, number, number))
    return runs


def _split(name: str) -> tuple[str, str]:
    match = _NUMBERED.match(name)
    # A number of a hundred digits is no number; int() of thousands of digits is refused.
    return (match[1], match[2]) if match and len(match[2]) <= 9 else (name, "")


def _by_number(part: tuple[str, str]) -> tuple[str, int, str]:
    stem, number = part
    return stem, int(number or -1), number
