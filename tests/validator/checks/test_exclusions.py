"""exclude.yml: names, and reasons that stand in comments."""

from __future__ import annotations

import pytest

from spinegate.validator.checks.exclusions import read_exclusions

TEXT = """\
# who is left out
csa_t1:
- sub-a01  # Motion artifact
  # of the line below
- "sub-a#2"   # a name in quotes
- sub-a03
mtr: [sub-a01, sub-a02]  # coil
t1:
"""


def test_entries_have_lines_and_reasons() -> None:
    entries, faults = read_exclusions(TEXT.encode())
    assert [(e.metric, e.name, e.reason, e.line) for e in entries] == [
        ("csa_t1", "sub-a01", "Motion artifact", 3),
        ("csa_t1", "sub-a#2", "a name in quotes", 5),
        ("csa_t1", "sub-a03", "", 6),
        ("mtr", "sub-a01", "coil", 7),
        ("mtr", "sub-a02", "coil", 7),
    ]
    assert not faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [("- sub-a01", "mapping"), ("mtr: sub-a01", "no list"), ("mtr:\n- {sub-a01: why}", "no name")],
)
def test_what_is_no_entry_is_said(text: str, fault: str) -> None:
    entries, faults = read_exclusions(text.encode())
    assert not entries
    assert fault in faults[0][0]


def test_an_empty_file_excludes_nobody() -> None:
    assert read_exclusions(b"# nobody\n") == ([], [])
