"""A protocol: what was agreed, for which contrasts, on which scanners."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .contrast import Contrast, tell_contrast
from .matching import Match, find_variant
from .tolerance import Tolerance
from .variant import Variant

_NONE = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Contrasts that are measured together, and what must be equal among them.

    Attributes
    ----------
    members
        Names of contrasts.
    equal
        Sidecar key to how far its values may differ.
    """

    name: str
    members: tuple[str, ...]
    equal: Mapping[str, Tolerance]
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """A protocol, loaded.

    Attributes
    ----------
    name
        As the user asks for it; `protocol` and `version` are its own words.
    site
        Pattern whose group `site` finds the site in a participant's label.
    sources
        Short key to where values come from.
    files
        The YAML files it was read from, the base first.
    """

    name: str
    protocol: str
    version: str
    source: str
    site: re.Pattern[str]
    contrasts: Mapping[str, Contrast]
    variants: tuple[Variant, ...]
    series: Mapping[str, Series]
    sources: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    _told: dict[Any, str | None] = field(default_factory=dict, repr=False, compare=False)
    _matched: dict[Any, Match] = field(default_factory=dict, repr=False, compare=False)
    _telling: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def contrast_of(self, entities: Mapping[str, str], suffix: str) -> str | None:
        """Return the contrast that a file's name tells, None where it is none of the protocol's.

        Parameters
        ----------
        entities
            Short entity names to labels: `{"sub": "amu01", "acq": "MTon"}`.
        """
        # Only entities that a form asks for can change the answer.
        key = (suffix, *[entities.get(name, _NONE) for name in self._telling])
        try:
            return self._told[key]
        except KeyError:
            told = self._told[key] = tell_contrast(self.contrasts, entities, suffix)
            return told

    def match(
        self,
        manufacturer: str | None,
        model: str | None,
        software: str | None = None,
        field_strength: float | None = None,
        date: date | None = None,
    ) -> Match:
        """Return the variant that a scanner was given, and why; see `matching`."""
        key = (manufacturer, model, software, field_strength, date)
        match = self._matched.get(key)
        if match is None:
            match = self._matched[key] = find_variant(self.variants, *key)
        return match

    def site_of(self, label: str) -> str | None:
        """Return the site that a participant's label tells: `amu` from `amu01`."""
        found = self.site.match(label)
        return found["site"] if found else None

    def variant(self, name: str) -> Variant | None:
        """Return a variant by its name."""
        return next((v for v in self.variants if v.name == name), None)
