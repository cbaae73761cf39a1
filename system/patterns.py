"""Patterns of strangers: those that could go back and forth without end are refused.

Python's engine tries one way after the other through a pattern. Here the number of ways is bounded
from above by a polynomial of the text's length, and a text that would need more is not searched.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, NamedTuple

STEPS = 10_000_000
"""Ways to try at most: a tenth of a second."""
_LONGEST = 1000
_DEGREE = 4
_TIMES = math.log2(STEPS)
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT)
_LOOKS = (op.ASSERT, op.ASSERT_NOT)


class Ways(NamedTuple):
    """How many ways lead through a pattern: factor times length of the text to the degree."""

    factor: float = 1
    degree: int = 0

    def then(self, other: Ways) -> Ways:
        """Both, one after the other."""
        return Ways(self.factor * other.factor, self.degree + other.degree)


class Pattern(NamedTuple):
    """A compiled pattern, and the longest text in which it is searched."""

    compiled: re.Pattern[str]
    longest: int

    def found_in(self, text: str) -> bool | None:
        """Tell whether it is found in a text; null where the text is too long for it."""
        return None if len(text) > self.longest else self.compiled.search(text) is not None


@lru_cache(maxsize=1000)
def compile_pattern(pattern: str) -> Pattern:
    """Compile a pattern that ends in time.

    Raises
    ------
    ValueError
        It isn't a pattern, or it could take for ever; says why.
    """
    if len(pattern) > _LONGEST:
        raise ValueError(f"longer than {_LONGEST} characters")
    try:
        compiled = re.compile(pattern)
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from None
    ways = _ways(tree)
    if not _starts_at_the_start(tree):
        ways = ways.then(Ways(1, 1))
    if ways.degree > _DEGREE or ways.factor > STEPS:
        raise ValueError(
            "it could take for ever on some text: write a repetition within a repetition, or "
            "several in a row, so that they don't go back, as in (?:_[a-z]++)*+"
        )
    longest = (STEPS / ways.factor) ** (1 / ways.degree) if ways.degree else STEPS
    return Pattern(compiled, int(longest))


def _starts_at_the_start(tree: Any) -> bool:
    if not tree or tree.state.flags & re.MULTILINE:
        return False
    return bool(tree[0][0] is op.AT and tree[0][1] in (op.AT_BEGINNING, op.AT_BEGINNING_STRING))


def _ways(tree: Iterable[Any]) -> Ways:
    total = Ways()
    for code, given in tree:
        total = total.then(_one(code, given))
    return total


def _one(code: Any, given: Any) -> Ways:
    if code in _REPEATS:
        least, most, body = given
        return _repeated(_ways(body), least, most)
    if code is op.SUBPATTERN:
        return _ways(given[-1])
    if code is op.BRANCH:
        return _either([_ways(branch) for branch in given[1]])
    if code in _LOOKS:
        return _ways(given[1])
    if code is op.ATOMIC_GROUP:
        return _ways(given)  # one way out of it, but so many within
    if code is op.POSSESSIVE_REPEAT:
        return _ways(given[2]).then(Ways(1, 1))
    if code is op.GROUPREF_EXISTS:
        return _either([_ways(branch) for branch in given[1:] if branch is not None])
    return Ways(1, 1) if code is op.GROUPREF else Ways()


def _either(branches: list[Ways]) -> Ways:
    return Ways(sum(way.factor for way in branches), max(way.degree for way in branches))


def _repeated(body: Ways, least: int, most: int) -> Ways:
    endless = most is op.MAXREPEAT or most > _LONGEST
    if body == Ways():
        return Ways(1, 1) if endless else Ways(most - least + 1)
    if endless:
        return Ways(math.inf)
    if body.factor > 1 and (most > _TIMES or body.factor > STEPS):
        return Ways(math.inf)
    return Ways(body.factor**most * (most - least + 1), body.degree * most)
