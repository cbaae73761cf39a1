from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.github.body import CLOSE, LIMIT, OPEN, cut, fit, plain, quiet

BLOCK = f"{OPEN}><summary>x</summary>\n\n- é\n- 🌈🌈🌈\n\n{CLOSE}\n\n"
NOTE = "The rest does not fit here; the report has it all."


@given(st.integers(0, 40), st.integers(60, 3000))
def test_a_cut_leaves_whole_blocks(blocks: int, limit: int) -> None:
    text = "# title\n\n" + BLOCK * blocks
    short = cut(text, limit)
    assert len(short.encode()) <= limit
    assert short.count(OPEN) == short.count(CLOSE)
    assert (short == text.strip("\n")) is (NOTE not in short)


def test_nothing_fits() -> None:
    assert cut("x" * 1000, 100).strip() == NOTE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@someone", "@\u2060someone"),
        ("<summary>@lab/team</summary>", "<summary>@\u2060lab/team</summary>"),
        ("lab/dataset#12 GH-3", "lab/dataset#\u206012 GH-\u20603"),
        ("![x](https://x.org)", "!\u2060[x](https:\u2060//x.org)"),
        ("# title, ## 1.5 @ 3 T", "# title, ## 1.5 @ 3 T"),
        ("@\u2060someone", "@\u2060someone"),
    ],
)
def test_quiet(text: str, shown: str) -> None:
    assert quiet(text) == shown


@given(st.text())
def test_quiet_once_is_enough(text: str) -> None:
    assert quiet(quiet(text)) == quiet(text)


@given(st.text(st.sampled_from("a@#:[!/w.1-GH\n \x1b\u202e🌈")))
def test_plain_is_one_line_that_commands_nothing(text: str) -> None:
    told = plain(text)
    assert "\n" not in told
    assert "::" not in told
    assert "##[" not in told


def test_a_body_has_its_marker_first_and_its_footer_last() -> None:
    body = fit("<!-- m -->", BLOCK * 5000, "<sub>f</sub>")
    assert body.startswith("<!-- m -->\n")
    assert body.endswith("\n\n<sub>f</sub>\n")
    assert LIMIT - 200 < len(body.encode()) <= LIMIT
