"""The judged parameters as series of points: who, what was measured, what was asked for."""

from __future__ import annotations

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
    asked: dict[tuple[Any, ...], int] = {}
    limits: list[list[Any]] = []
    points = []
    for value in values:
        limit = [_asked(value), *map(_readable, (value.target, value.low, value.high))]
        key = (*limit, value.variant)
        if key not in asked:
            asked[key] = len(limits)
            limits.append(limit)
        who = index[participant_of(value.path) or value.path]
        shown = _point(value.observed, numeric, words)
        outcome = _OUTCOMES[value.outcome]
        at = paths.index(value.path)
        points.append([who, shown, outcome, asked[key], at, int(value.excused)])
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
        return _readable(observed)
    text = _word(observed)
    return words.index(text) if text in words else len(words) - 1


def _readable(number: Any) -> Any:
    """Return a number that browsers can read and place, else None."""
    return number if is_number(number) and abs(number) < 1e300 else None


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
