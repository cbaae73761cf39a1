"""What a protocol may say and hardly means: it would switch a comparison off without a word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from .parameter import Parameter
from .spec import Spec

_ALIKE = 0.85  # RepetitionTme; but EchoSpacing isn't EchoTime


def doubts(spec: Spec, usual: Spec) -> list[str]:
    """Name parameters that look misspelt.

    Parameters
    ----------
    usual
        A protocol whose names of parameters are right.
    """
    known = {parameter.name for _, parameter in _parameters(usual)}
    found = {
        f"{contrast}: {doubt}"
        for contrast, parameter in _parameters(spec)
        for doubt in _of(parameter, known)
    }
    return sorted(found)


def _parameters(spec: Spec) -> Iterator[tuple[str, Parameter]]:
    for variant in spec.variants:
        for contrast in spec.contrasts:
            for parameter in variant.parameters(contrast).values():
                yield contrast, parameter


def _of(parameter: Parameter, known: Iterable[str]) -> Iterator[str]:
    name = parameter.name
    near = [] if name in known else get_close_matches(name, known, n=1, cutoff=_ALIKE)
    if near:
        yield f"{name} is unusual; is {near[0]} meant?"
