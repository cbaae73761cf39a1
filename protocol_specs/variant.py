"""The values that one kind of scanner was given, and the older versions of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from .parameter import Parameter
from .tolerance import is_number

_NONE: Mapping[str, Parameter] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class OlderParameter:
    """What a parameter was before the protocol changed; `before` is None where nobody knows."""

    parameter: Parameter
    before: date | None
    source: str = ""

    def text(self) -> str:
        """Say which version this is: `the protocol before 2019-03-26`."""
        return f"the protocol before {self.before}" if self.before else "an older protocol"


@dataclass(frozen=True, slots=True)
class Scheme:
    """A diffusion scheme: shells, number of directions, images without diffusion weighting.

    Attributes
    ----------
    b_values
        Shells in s/mm2, b0 left out.
    directions
        Number of diffusion-weighted images.
    b0
        Fewest images with b = 0 in the file itself.
    relative
        Accepted deviation of a b-value, as a fraction.
    """

    b_values: tuple[float, ...]
    directions: int
    b0: int
    relative: float = 0.05
    threshold: float = 50.0
    source: str = ""

    def shells(self, b_values: list[float]) -> bool | None:
        """Say whether the observed b-values lie on the shells; None where there are none."""
        weighted = [b for b in b_values if is_number(b) and b > self.threshold]
        if not weighted:
            return None
        return all(
            any(abs(b - shell) <= self.relative * shell for shell in self.b_values)
            for b in weighted
        )

    def counts(self, b_values: list[float]) -> bool:
        """Say whether the numbers of directions and of b0 images are the scheme's."""
        weighted = sum(b > self.threshold for b in b_values)
        return weighted == self.directions and len(b_values) - weighted >= self.b0

    def text(self) -> str:
        """Say the scheme for people: `5 x b0 + 30 directions at b = 800 s/mm2`."""
        shells = ", ".join(f"{b:g}" for b in self.b_values)
        return f"{self.b0} x b0 + {self.directions} directions at b = {shells} s/mm2"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an observed value compares with a protocol's parameter.

    Attributes
    ----------
    accepted
        True, False, or None (not determinable).
    older
        Where it isn't accepted: the older version that it agrees with.
    excused
        Whether that older version was the one in force when the scan was made.
    """

    parameter: Parameter
    accepted: bool | None
    older: OlderParameter | None = None
    excused: bool = False


@dataclass(frozen=True, slots=True)
class Variant:
    """The protocol as one vendor, one model or one software version was given it.

    Attributes
    ----------
    name
        Key in the spec: `siemens-verio`.
    manufacturer, models, software, since, until, fields
        What a scan must agree with; see `matching`.
    fallback
        Whether it stands in for models that the spec doesn't name.
    also
        Contrasts that are optional elsewhere and part of this variant's protocol.
    diffusion
        Contrast to accepted schemes.
    """

    name: str
    title: str
    manufacturer: str
    models: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    fields: tuple[float, float] | None = None
    fallback: bool = False
    also: tuple[str, ...] = ()
    source: str = ""
    note: str = ""
    diffusion: Mapping[str, tuple[Scheme, ...]] = field(default_factory=dict)
    checked: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict, repr=False)
    cards: Mapping[str, Mapping[str, Parameter]] = field(default_factory=dict, repr=False)
    olders: Mapping[tuple[str, str], tuple[OlderParameter, ...]] = field(
        default_factory=dict, repr=False
    )

    def parameters(self, contrast: str) -> Mapping[str, Parameter]:
        """Return the parameters that a file of this contrast can be checked against."""
        return self.checked.get(contrast, _NONE)

    def card(self, contrast: str) -> Mapping[str, Parameter]:
        """Return what is to be set at the scanner but can't be read from a file."""
        return self.cards.get(contrast, _NONE)

    def older(self, contrast: str, parameter_name: str) -> tuple[OlderParameter, ...]:
        """Return the earlier versions of a parameter, the latest first."""
        return self.olders.get((contrast, parameter_name), ())

    def judge(
        self, contrast: str, parameter_name: str, observed: Any, scanned: date | None = None
    ) -> Verdict | None:
        """Compare a value with the current version, then with the older ones.

        Parameters
        ----------
        scanned
            The date of the scan, where it is known.

        Returns
        -------
        Verdict | None
            None where the variant doesn't set this parameter.
        """
        parameter = self.parameters(contrast).get(parameter_name)
        if parameter is None:
            return None
        accepted = parameter.accepts(observed)
        if accepted is not False:
            return Verdict(parameter, accepted)
        for older in self.older(contrast, parameter_name):
            if older.parameter.accepts(observed):
                known = scanned is not None and older.before is not None
                return Verdict(
                    parameter,
                    False,
                    older,
                    excused=known and scanned < older.before,  # type: ignore[operator]
                )
        return Verdict(parameter, False)
