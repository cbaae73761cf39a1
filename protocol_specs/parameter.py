"""One agreed value with its tolerance: what is accepted, and how it is said."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ..system.patterns import compile_pattern
from .tolerance import (
    EXACT,
    SLACK,
    Side,
    Tolerance,
    Value,
    agrees,
    is_number,
    number_text,
    value_text,
)

__all__ = [
    "EXACT",
    "Parameter",
    "Place",
    "Side",
    "Tolerance",
    "Value",
    "is_number",
    "number_text",
    "value_text",
]

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z]|\d|$)|[A-Z]?[a-z]+|[A-Z]+|\d+")


class Place(StrEnum):
    """Where a value is found."""

    SIDECAR = "sidecar"
    HEADER = "header"
    DERIVED = "derived"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of the protocol, with everything that decides whether an observed one is accepted.

    An observed value is accepted if it agrees with the target or with one of the `values`
    (both within the tolerance), lies between `minimum` and `maximum`, matches the `pattern`,
    and as text or list holds `contains` and does not hold `lacks`. What is None is not asked.

    Attributes
    ----------
    name
        BIDS key: `EchoTime`.
    target
        A number, a word, a boolean, or numbers in order (`VoxelSize`).
    unit
        As BIDS has it: s, degree, mm, T, Hz/px.
    where
        `sidecar`; `header` (asks for a NIfTI header); `derived` (from more than one file);
        `card` (for people at the scanner only, no file tells it).
    level
        Severity that a deviation has, where it isn't the rule's own: error, warning, ignore.
    source
        Key of the spec's `sources`, or words.
    """

    name: str
    target: Value | None = None
    tolerance: Tolerance = EXACT
    values: tuple[Value, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    contains: str | None = None
    lacks: str | None = None
    unit: str = ""
    where: Place = Place.SIDECAR
    level: str | None = None
    source: str = ""
    note: str = ""
    remedy: str = ""
    text: str = ""

    @property
    def code(self) -> str:
        """The finding's code: EchoTime gives ECHO_TIME_OUT_OF_TOLERANCE."""
        return f"{'_'.join(_WORD.findall(self.name)).upper()}_OUT_OF_TOLERANCE"

    @property
    def absolute(self) -> float:
        """The tolerance's width in the parameter's unit."""
        return self.tolerance.absolute

    @property
    def relative(self) -> float:
        """The tolerance's width as a fraction of the target."""
        return self.tolerance.relative

    @property
    def at_least(self) -> Value | None:
        """The target where everything above it is accepted too."""
        return self.target if self.tolerance.side is Side.AT_LEAST else None

    @property
    def at_most(self) -> Value | None:
        """The target where everything below it is accepted too."""
        return self.target if self.tolerance.side is Side.AT_MOST else None

    @property
    def is_checkable(self) -> bool:
        """Whether there is anything that an observed value could break."""
        asked = (self.minimum, self.maximum, self.pattern, self.contains, self.lacks)
        wanted = self.target is not None or bool(self.values) or any(a is not None for a in asked)
        return wanted and self.where is not Place.CARD

    def accepts(self, observed: Any) -> bool | None:
        """Compare an observed value with the protocol.

        Returns
        -------
        bool | None
            None where it is not determinable: nothing observed, not a finite number, or of a
            type that can't be compared with the target.
        """
        if observed is None or self.where is Place.CARD:
            return None
        answers = [self._near(observed), self._between(observed), self._worded(observed)]
        if False in answers:
            return False
        return True if True in answers else None

    def expected_text(self) -> str:
        """Say what is accepted, for people: `1.5 s ± 5 %`."""
        if self.text:
            return self.text
        parts = []
        wanted = (() if self.target is None else (self.target,)) + self.values
        if wanted:
            unit = f" {self.unit}" if self.unit else ""
            side = {Side.BOTH: "", Side.AT_LEAST: "at least ", Side.AT_MOST: "at most "}
            named = " or ".join(dict.fromkeys(f"{value_text(w)}{unit}" for w in wanted))
            width = self.tolerance.text(self.unit)
            if len(wanted) > 1 and width:
                width = f"(each {width})"
            parts.append(f"{side[self.tolerance.side]}{named} {width}".strip())
        parts += self._limits()
        parts += [f"matches {self.pattern}"] if self.pattern is not None else []
        parts += [f"holds {self.contains}"] if self.contains is not None else []
        parts += [f"does not hold {self.lacks}"] if self.lacks is not None else []
        return ", ".join(parts) or "not set by the protocol"

    def to_json(self) -> dict[str, Any]:
        """Return the parameter as plain JSON data; what is not set is left out."""
        tolerance: dict[str, Any] = {
            "absolute": self.absolute,
            "relative": self.relative,
            "side": "" if self.tolerance.side is Side.BOTH else str(self.tolerance.side),
        }
        fields: dict[str, Any] = {
            "target": _plain(self.target),
            "values": [_plain(value) for value in self.values],
            **tolerance,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "pattern": self.pattern,
            "contains": self.contains,
            "lacks": self.lacks,
            "unit": self.unit,
            "where": str(self.where),
            "level": self.level,
            "source": self.source,
            "note": self.note,
            "remedy": self.remedy,
        }
        kept = {
            key: value
            for key, value in fields.items()
            if value is not None
            and value not in ("", [])
            and (key not in {"absolute", "relative"} or value != 0)
        }
        return {"name": self.name, **kept, "expected": self.expected_text()}

    def at_level(self, level: str) -> Parameter:
        """Return the same parameter with a severity of its own."""
        return replace(self, level=level)

    def _near(self, observed: Any) -> bool | None:
        wanted = (() if self.target is None else (self.target,)) + self.values
        answers = [agrees(observed, value, self.tolerance) for value in wanted]
        if True in answers:
            return True
        return False if False in answers else None

    def _between(self, observed: Any) -> bool | None:
        if self.minimum is None and self.maximum is None:
            return None
        if not is_number(observed):
            return None
        slack = SLACK * abs(observed)
        low = self.minimum is None or observed >= self.minimum - slack
        return low and (self.maximum is None or observed <= self.maximum + slack)

    def _worded(self, observed: Any) -> bool | None:
        if self.pattern is None and self.contains is None and self.lacks is None:
            return None
        words = [observed] if isinstance(observed, str) else observed
        if not isinstance(words, list | tuple) or not all(isinstance(w, str) for w in words):
            return None
        held = {part for word in words for part in (word, *re.split(r"[\\_]+", word))}
        return (
            (self.pattern is None or any(_fits(self.pattern, word) for word in words))
            and (self.contains is None or self.contains in held)
            and (self.lacks is None or self.lacks not in held)
        )

    def _limits(self) -> list[str]:
        unit = f" {self.unit}" if self.unit else ""
        low = None if self.minimum is None else number_text(self.minimum)
        high = None if self.maximum is None else number_text(self.maximum)
        if low is not None and high is not None:
            return [f"between {low} and {high}{unit}"]
        if low is not None:
            return [f"not below {low}{unit}"]
        return [f"not above {high}{unit}"] if high is not None else []


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _fits(pattern: str, word: str) -> bool:
    """Whether a whole word fits a pattern; one that is too long to be tried doesn't."""
    known = compile_pattern(pattern)
    return len(word) <= known.longest and known.compiled.fullmatch(word) is not None
