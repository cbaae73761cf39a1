"""The functions that spinegate adds: comparison with a protocol, within a series, in space."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import pairwise, product
from typing import Any

from .access import get, number

_PARTS = re.compile(r"[_\\/\s]+")
_CLOCK = re.compile(r"(?:(\d{4})-(\d\d)-(\d\d)T)?(\d\d):(\d\d):(\d\d(?:\.\d+)?)")
_DAY = 86_400
_SLACK = 1e-9


def within(value: Any, parameter: Any) -> bool | None:
    """Tell whether a value lies within the tolerance of a parameter of the protocol."""
    if value is None or parameter is None:
        return None
    try:
        return bool(parameter.accepts(value))
    except (AttributeError, TypeError, ValueError, ArithmeticError):
        return None


def same(values: Any, tolerance: Any = 0) -> bool | None:
    """Tell whether all elements are equal; numbers, also in arrays, within a tolerance."""
    if not isinstance(values, list | tuple) or not number(tolerance):
        return None
    if not values:
        return True
    first = values[0]
    if all(each == first for each in values):
        return None if first is None else True
    if any(each is None for each in values):
        return None
    if all(number(each) for each in values):
        low, high = min(values), max(values)
        # 0.36 and 0.35 differ by 0.01, though not in binary
        slack = _SLACK * max(abs(low), abs(high)) if tolerance else 0
        return bool(high - low <= tolerance + slack)
    if all(isinstance(each, list | tuple) for each in values):
        if len({len(each) for each in values}) > 1:
            return False
        return all(same(column, tolerance) for column in zip(*values, strict=True))
    return False


def spread(values: Any) -> float | None:
    """Return the largest minus the smallest number; of arrays, the largest such difference."""
    if not isinstance(values, list | tuple) or not values:
        return None
    if all(number(each) for each in values):
        return float(max(values) - min(values))
    if not all(isinstance(each, list | tuple) for each in values):
        return None
    if len({len(each) for each in values}) > 1:
        return None
    columns = [spread(column) for column in zip(*values, strict=True)]
    known = [each for each in columns if each is not None]
    return max(known) if known and len(known) == len(columns) else None


def _vector(values: Any, size: int) -> list[float] | None:
    if not isinstance(values, list | tuple) or len(values) != size:
        return None
    return [float(each) for each in values] if all(number(each) for each in values) else None


def _dot(a: Iterable[float], b: Iterable[float]) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))


def _cross(a: list[float], b: list[float]) -> list[float]:
    return [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]


def angle(a: Any, b: Any) -> float | None:
    """Return the angle between two slice planes in degrees, 0 to 90.

    Each argument is an ImageOrientationPatientDICOM: the six direction cosines of rows and
    columns. Turning the image within its plane, or over, does not change its plane.
    """
    rows = [_vector(a, 6), _vector(b, 6)]
    if rows[0] is None or rows[1] is None:
        return None
    first, second = (_cross(row[:3], row[3:]) for row in rows if row is not None)
    if not any(first) or not any(second):
        return None
    # atan2 keeps its precision at small angles, where acos loses half of the digits
    sine = math.hypot(*_cross(first, second))
    return math.degrees(math.atan2(sine, abs(_dot(first, second))))


def _corners(header: Any) -> list[list[float]] | None:
    affine, shape = get(header, "affine"), get(header, "shape")
    if not isinstance(affine, list | tuple) or not isinstance(shape, list | tuple):
        return None
    rows = [_vector(row, 4) for row in affine[:3]]
    size = _vector(shape[:3], 3)
    if size is None or len(rows) != 3 or any(row is None for row in rows):
        return None
    edges = product(*((-0.5, length - 0.5) for length in size))
    return [[_dot(row, (*edge, 1.0)) for row in rows if row is not None] for edge in edges]


def geometry_distance(a: Any, b: Any) -> float | None:
    """Return how far two fields of view lie apart, in mm.

    Each argument is a header with `affine` and `shape`. The distance is the largest one from a
    corner of one box to the nearest corner of the other, so the order of axes does not matter.
    """
    first, second = _corners(a), _corners(b)
    if first is None or second is None:
        return None
    pairs = [[math.dist(p, q) for q in second] for p in first]
    if any(math.isnan(each) for row in pairs for each in row):
        return None
    nearest = [min(row) for row in pairs] + [min(column) for column in zip(*pairs, strict=True)]
    return float(max(nearest))


def contains(value: Any, word: Any) -> bool | None:
    r"""Tell whether a coded value holds a word: ``contains("EDR_GEMS_MT_GEMS", "MT_GEMS")``.

    The value is an array, or a string whose parts are joined by ``_``, ``\``, ``/`` or blanks
    (conversions differ). Only whole parts count: "MT" is not in "MTC_SP".
    """
    if isinstance(value, list | tuple):
        texts = (each for each in value if isinstance(each, str))
        return word in value or any(contains(each, word) for each in texts)
    if not isinstance(value, str) or not isinstance(word, str):
        return None
    return value == word or _has_parts(value, word)


@lru_cache(maxsize=5000)
def _has_parts(value: str, word: str) -> bool:
    parts, wanted = _PARTS.split(value), _PARTS.split(word)
    size = len(wanted)
    return any(parts[at : at + size] == wanted for at in range(len(parts) - size + 1))


def first(*values: Any) -> Any:
    """Return the first value that is not null."""
    return next((value for value in values if value is not None), None)


def difference(a: Any, b: Any) -> list[Any] | None:
    """Return the elements of a that are not in b, in their order."""
    if not isinstance(a, list | tuple) or not isinstance(b, list | tuple):
        return None
    return [each for each in a if each not in b]


def increasing(values: Any) -> bool | None:
    """Tell whether no element is smaller than the one before it."""
    if not isinstance(values, list | tuple):
        return None
    try:
        return all(a <= b for a, b in pairwise(values))
    except TypeError:
        return None


def magnitude(value: Any) -> Any:
    """``abs``: a number without its sign."""
    return abs(value) if number(value) else None


def plain(text: Any) -> str | None:
    """Return a text's letters and digits in lower case: "Prisma_fit" and "Prisma-fit" agree."""
    return "".join(filter(str.isalnum, text)).lower() if isinstance(text, str) else None


def seconds(value: Any) -> float | None:
    """Return seconds since midnight of ``HH:MM:SS.f``; of a date and time, since the year 1."""
    found = _CLOCK.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = found.groups()
    clock = int(hour) * 3600 + int(minute) * 60 + float(second)
    if year is None:
        return clock
    try:
        return date(int(year), int(month), int(day)).toordinal() * _DAY + clock
    except ValueError:
        return None
