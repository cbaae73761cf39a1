"""Which first lines order something."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.github.order import HELP, parse_order

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("/spinegate rename", "rename"),
        ("/spinegate fix\r\nPlease.", "fix"),
        ("/spinegate help \t", "help"),
        ("/spinegate baseline A reason until 2027-03-31\n\n> quoted", "baseline"),
    ],
)
def test_orders(body: str, kind: str) -> None:
    order = parse_order(body, TODAY)
    assert order is not None
    assert (order.kind, order.fault) == (kind, "")


def test_a_baseline_has_a_reason_and_a_day() -> None:
    order = parse_order("/spinegate baseline  Not until the coil is new until 2026-11-20", TODAY)
    assert order is not None
    assert (order.reason, order.until) == ("Not until the coil is new", TODAY)


@pytest.mark.parametrize(
    "body",
    [
        "/spinegate rename; rm -rf /",
        "/spinegate rename && true",
        "/spinegate rename $(touch pwned)",
        "/spinegate fix now",
        "/spinegate",
        "/spinegate  fix",
        " /spinegate fix",
        "> /spinegate fix",
        "/Spinegate fix",
        "/spinegate FIX",
        "/spinegate fix\u2028",
        "/spinegate fix\x0b",
        "/spinegate fix\x00",
        "Please:\n/spinegate fix",
        "/spinegatefix",
        "/spinegate baselines x until 2099-01-01",
        "/spinegate baseline x\x1b[2J until 2099-01-01",
        "",
    ],
)
def test_what_is_no_order(body: str) -> None:
    assert parse_order(body, TODAY) is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "say why and how long"),
        (" because", "say why and how long"),
        (" until 2027-03-31", "say why and how long"),
        (" because until never", "never is no date"),
        (" because until 2026-11-19", "2026-11-19 has passed"),
        (" " + "x" * 501 + " until 2027-03-31", "at most 500"),
    ],
)
def test_a_baseline_that_says_too_little(words: str, told: str) -> None:
    order = parse_order(f"/spinegate baseline{words}", TODAY)
    assert order is not None
    assert told in order.fault
    assert len(order.line) <= 600


@given(st.text())
def test_no_text_is_an_order_by_chance(text: str) -> None:
    order = parse_order(f"/spinegate {text}", TODAY)
    line = text.partition("\n")[0].rstrip(" \t\r")
    assert order is None or line in ("fix", "rename", "help") or line.startswith("baseline")


def test_what_help_says_is_an_order() -> None:
    for line, _ in HELP:
        order = parse_order(line, TODAY)
        assert order is not None
        assert not order.fault
