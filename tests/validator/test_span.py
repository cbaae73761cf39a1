from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.protocol_specs.parameter import Parameter, Side, Tolerance
from spinegate.validator.span import accepted_spans, nearest_span

LEAST, MOST = Side.AT_LEAST, Side.AT_MOST


@pytest.mark.parametrize(
    ("tolerance", "more", "span"),
    [
        (Tolerance(relative=0.05), {"target": 2}, (1.9, 2.1)),
        (Tolerance(relative=0.05), {"target": -2}, (-2.1, -1.9)),
        (Tolerance(absolute=1, relative=0.05), {"target": 10}, (9, 11)),
        (Tolerance(), {"target": 4}, (4, 4)),
        (Tolerance(relative=0.05, side=LEAST), {"target": 0.86}, (0.817, None)),
        (Tolerance(relative=0.1, side=MOST), {"target": 50}, (None, 55)),
        (Tolerance(side=LEAST), {"target": 0.057, "maximum": 0.06}, (0.057, 0.06)),
        (Tolerance(relative=0.05), {"target": 0.12, "minimum": 0.118}, (0.118, 0.126)),
        (Tolerance(), {"minimum": 2.89, "maximum": 3}, (2.89, 3)),
        (Tolerance(), {"maximum": 3}, (None, 3)),
        (Tolerance(absolute=1), {"target": 5, "values": (7, 9, 20)}, (4, 10)),
        (Tolerance(absolute=1), {"target": 9, "values": (5, 7)}, (4, 10)),
        (Tolerance(absolute=1), {"target": 5, "values": (20,)}, (4, 6)),
        (Tolerance(), {"target": "GR"}, (None, None)),
        (Tolerance(), {"target": True}, (None, None)),
        (Tolerance(relative=0.05), {"target": (1, 1, 5)}, (None, None)),
        (Tolerance(relative=1e9), {"target": 1e308}, (None, None)),
    ],
)
def test_span(tolerance: Tolerance, more: dict[str, Any], span: tuple[float, float]) -> None:
    found = accepted_spans(Parameter("EchoTime", tolerance=tolerance, **more))
    assert found[0] == pytest.approx(span)


def test_of_several_values_the_nearest_counts() -> None:
    spans = accepted_spans(Parameter("TE", 5, Tolerance(absolute=1), values=(20, 6, 12)))
    assert list(map(tuple, spans)) == [(4, 7), (11, 13), (19, 21)]
    assert [nearest_span(spans, n)[0] for n in (None, "x", 8, 10, 20, 99)] == [4, 4, 4, 11, 19, 19]


def test_targets_span_stands_first() -> None:
    assert accepted_spans(Parameter("TE", 9, values=(1, 3)))[0] == (9, 9)


NUMBER = st.integers(-1000, 1000).map(lambda n: n / 10)
SOME = st.none() | NUMBER
PARAMETER = st.builds(
    Parameter,
    st.just("EchoTime"),
    SOME,
    st.builds(Tolerance, NUMBER.map(abs), st.sampled_from([0.0, 0.05]), st.sampled_from(Side)),
    st.lists(NUMBER, max_size=3).map(tuple),
    SOME,
    SOME,
)


@given(parameter=PARAMETER, observed=NUMBER)
def test_span_holds_what_is_accepted_and_nothing_else(
    parameter: Parameter, observed: float
) -> None:
    low, high = nearest_span(accepted_spans(parameter), observed)
    slack = 1e-6 * (abs(observed) + 1)
    below = low is not None and observed < low - slack
    above = high is not None and observed > high + slack
    accepted = parameter.accepts(observed)
    if below or above:
        assert accepted is False
    elif accepted is False:  # nothing lies well within
        ends = [end for end in (low, high) if end is not None]
        assert any(abs(observed - end) <= slack for end in ends) or (
            low is not None and high is not None and low > high
        )
