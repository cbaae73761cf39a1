"""The judged parameters as series of points: who, what was measured, what was asked for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from ...protocol_specs.parameter import Parameter
from ...protocol_specs.tolerance import is_number, value_text
from ..finding import Outcome
from ..result import Value
from .participants import participant_of
from .visible import visible
from .wording import shorten

Person = tuple[str, str, str, str]
"""Name, site, variant of the protocol, vendor."""

_OUTCOMES = {Outcome.MET: 0, Outcome.NOT_MET: 1, Outcome.NOT_DETERMINABLE: 2}
_WORDS = 10  # different words on an axis; what is rarer shares a line
_LENGTH = 60
_LETTERS = 3  # of a vendor that is an abbreviation: ge
_WIDTH = re.compile(r"± ([0-9.eE+-]+) ?(.*)")


class Paths:
    """Paths, each held once."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def index(self, path: str) -> int:
        """Return where a path stands; it is added if it is new."""
        return self.known.setdefault(path, len(self.known))


def series_code(parameter: str) -> str:
    """Return the code of the findings about a parameter."""
    return Parameter(parameter).code


def people_of(values: Iterable[Value]) -> list[Person]:
    """Return the participants in the order in which plots show them: vendor, variant, site."""
    people: dict[str, Person] = {}
    for value in values:
        name = participant_of(value.path) or value.path
        if name not in people:
            vendor = value.variant.partition("-")[0]
            vendor = vendor.upper() if len(vendor) <= _LETTERS else vendor.capitalize()
            people[name] = (name, value.site, value.variant, vendor)
    return sorted(people.values(), key=lambda p: (not p[3], p[3], p[2], p[1], p[0]))


def band(target: Any, tolerance: str) -> tuple[float, float] | None:
    """Return from where to where a tolerance in words reaches (None where it can't be said).

    >>> band(2, '± 5 %'), band(9, '± 1 degree'), band([1, 1], ''), band(4, '')
    ((1.9, 2.1), (8.0, 10.0), None, (4.0, 4.0))
    """
    if not is_number(target):
        return None
    width = 0.0
    for part in filter(None, tolerance.split(" or ")):
        match = _WIDTH.fullmatch(part)
        try:
            number = float(match[1]) if match else float("nan")
        except ValueError:
            return None
        if not is_number(number):
            return None
        share = match is not None and match[2] == "%"
        width = max(width, abs(target) * number / 100 if share else number)
    edges = float(target) - width, float(target) + width
    return edges if all(map(is_number, edges)) else None


def parameter_series(
    values: Iterable[Value], people: Sequence[Person], paths: Paths
) -> list[dict[str, Any]]:
    """Return one series a parameter and contrast, those with deviations first."""
    rows: dict[tuple[str, str], list[Value]] = {}
    for value in values:
        rows.setdefault((value.contrast, value.parameter), []).append(value)
    index = {person[0]: at for at, person in enumerate(people)}
    series = [_series(members, index, paths) for members in rows.values()]
    return sorted(series, key=lambda item: (not item["counts"][1], not item["readable"]))


def _series(values: Sequence[Value], index: dict[str, int], paths: Paths) -> dict[str, Any]:
    first = values[0]
    there = [value.observed for value in values if value.observed is not None]
    numeric = 2 * sum(map(is_number, there)) >= len(there)
    words = [] if numeric else _common(there)
    asked: dict[tuple[str, str], int] = {}
    limits: list[list[Any]] = []
    points = []
    for value in values:
        said = _asked(value), value.variant
        if said not in asked:
            asked[said] = len(limits)
            edges = band(value.target, value.tolerance) or (None, None)
            target = value.target if edges[0] is not None else None
            limits.append([said[0], target, *edges])
        who = index[participant_of(value.path) or value.path]
        shown = _point(value.observed, numeric, words)
        points.append([who, shown, _OUTCOMES[value.outcome], asked[said], paths.index(value.path)])
    outcomes = Counter(value.outcome for value in values)
    return {
        "parameter": _short(first.parameter),
        "code": _short(series_code(first.parameter)),
        "contrast": _short(first.contrast),
        "unit": _short(first.unit),
        "readable": len(there),
        "counts": [outcomes[outcome] for outcome in _OUTCOMES],
        "words": words,
        "limits": limits,
        "points": sorted(points, key=lambda point: point[0]),
    }


def _point(observed: Any, numeric: bool, words: Sequence[str]) -> Any:
    if observed is None:
        return None
    if numeric:
        # JSON readers in browsers hold no more.
        return observed if is_number(observed) and abs(observed) < 1e300 else None
    text = _word(observed)
    return words.index(text) if text in words else len(words) - 1


def _common(observed: Iterable[Any]) -> list[str]:
    counts = Counter(map(_word, observed))
    if len(counts) <= _WORDS:
        return [word for word, _ in counts.most_common()]
    return [word for word, _ in counts.most_common(_WORDS - 1)] + ["other values"]


def _word(value: Any) -> str:
    return _short(value_text(value))


def _asked(value: Value) -> str:
    if value.target is None:
        return ""
    unit = f" {value.unit}" if value.unit else ""
    return _short(f"{value_text(value.target)}{unit} {value.tolerance}".strip())


def _short(text: str) -> str:
    return shorten(visible(text), _LENGTH)
