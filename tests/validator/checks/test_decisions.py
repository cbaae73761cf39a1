"""Decisions of people: the last line of an image holds; anything may stand in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.validator.checks.decisions import FILES, Row, read_decisions
from spinegate.validator.finding import Outcome
from spinegate.validator.table import parse_table
from spinegate.validator.verdict import Verdict

Judge = Callable[..., list[Verdict]]
IMAGE = "sub-a01/anat/sub-a01_T1w.nii.gz"
CELLS = st.text("sub-a01/pasredojn \t\n\r\x00é", max_size=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub-a01" / "anat").mkdir(parents=True)
    (tmp_path / IMAGE).write_text("/annex/objects/MD5E-s1--" + "a" * 32 + ".nii.gz\n")
    (tmp_path / "dataset_description.json").write_text("{}")
    (tmp_path / ".spinegate").mkdir()
    return tmp_path


def test_rows_are_read_with_their_lines() -> None:
    table = parse_table(b"note\tdecision\tpath\tby\nx\tPASS\ta\tJane\n\t\t\t\ny\tredo\ta\t\n")
    assert read_decisions(table) == [Row(4, "a", "redo", "")]
    assert read_decisions(parse_table(b"path\tdecision\na\tpass\n")) == [Row(2, "a", "pass", "")]


def test_a_finding_affects_the_image_and_belongs_to_its_site(folder: Path, judge: Judge) -> None:
    (folder / ".spinegate" / "qc.tsv").write_text(f"path\tdecision\n{IMAGE}\tredo\n")
    (verdict,) = [v for v in judge(folder, "decisions") if v.outcome is Outcome.NOT_MET]
    assert (verdict.location, verdict.line, verdict.affects) == (".spinegate/qc.tsv", 2, (IMAGE,))
    assert (verdict.site, verdict.sub_code, verdict.observed) == ("a", IMAGE, "redo")


def test_endless_lines_are_few_findings(folder: Path, judge: Judge) -> None:
    lines = "".join(f"image{number}\topen\n" for number in range(5000))
    (folder / ".spinegate" / "qc.tsv").write_text("path\tdecision\n" + lines)
    found = [v for v in judge(folder, "decisions") if v.outcome is Outcome.NOT_MET]
    assert len(found) == 101
    assert sum(verdict.count for verdict in found) == 5000


def test_a_file_that_is_too_large(folder: Path, judge: Judge) -> None:
    (folder / ".spinegate" / "qc.tsv").write_bytes(b"path\tdecision\n" + b"a\n" * (5 << 20))
    (verdict,) = [v for v in judge(folder, "decisions") if v.code == "DECISION_OPEN"]
    assert "larger than 8 MiB" in verdict.message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=80), st.lists(st.tuples(CELLS, CELLS), max_size=6))
def test_anything_may_stand_there(
    folder: Path, judge: Judge, content: bytes, cells: list[tuple[str, str]]
) -> None:
    rows = "".join(f"{path}\t{decision}\n" for path, decision in cells)
    for name, text in zip(FILES, (content, f"path\tdecision\n{rows}".encode()), strict=True):
        (folder / name).write_bytes(text)
    found = [v for v in judge(folder, "decisions") if v.outcome is Outcome.NOT_MET]
    assert len({(v.code, v.sub_code, v.location) for v in found}) == len(found)
