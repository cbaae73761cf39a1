"""From where to where a parameter's numbers are accepted, as plots draw it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..protocol_specs.parameter import Parameter, Side, is_number


class Span(NamedTuple):
    """The lowest and the highest accepted number; None where there is no such end."""

    low: float | None = None
    high: float | None = None


def accepted_spans(parameter: Parameter) -> tuple[Span, ...]:
    """Return what a parameter accepts, in its unit: the target's span first, none that overlap.

    Where a parameter asks for no number there is one span without ends.

    >>> from ..protocol_specs.parameter import Tolerance
    >>> accepted_spans(Parameter("FlipAngle", 9, Tolerance(absolute=1)))
    (Span(low=8.0, high=10.0),)
    """
    wanted = (parameter.target, *parameter.values)
    spans = [_around(float(value), parameter) for value in wanted if is_number(value)]  # type: ignore[arg-type]
    low = -math.inf if parameter.minimum is None else parameter.minimum
    high = math.inf if parameter.maximum is None else parameter.maximum
    if not spans:
        return (_span(low, high),)
    joined: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    joined.sort(key=lambda span: not span[0] <= spans[0][0] <= span[1])
    return tuple(_span(max(a, low), min(b, high)) for a, b in joined)


def nearest_span(spans: Sequence[Span], observed: Any) -> Span:
    """Return the span in which an observed value lies, else the nearest; the first for no number.

    >>> nearest_span((Span(0.5, 0.6), Span(0.8, None)), 0.75)
    Span(low=0.8, high=None)
    """
    if len(spans) == 1 or not is_number(observed):
        return spans[0]
    return min(spans, key=lambda span: _distance(span, observed))


def _distance(span: Span, observed: float) -> float:
    below = 0.0 if span.low is None else span.low - observed
    above = 0.0 if span.high is None else observed - span.high
    return max(below, above, 0.0)


def _around(target: float, parameter: Parameter) -> tuple[float, float]:
    width, side = parameter.tolerance.width(target), parameter.tolerance.side
    return (
        -math.inf if side is Side.AT_MOST else target - width,
        math.inf if side is Side.AT_LEAST else target + width,
    )


def _span(low: float, high: float) -> Span:
    # Twelve figures: 0.0079, not 0.007899999999999999.
    return Span(*(float(f"{end:.12g}") if math.isfinite(end) else None for end in (low, high)))
