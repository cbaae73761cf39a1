"""A saved report is rendered as the run itself would have been."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from spinegate.validator.report.formats import FORMATS
from spinegate.validator.report.load import load_jsonl
from spinegate.validator.result import Report


def _written(name: str, report: Report) -> str:
    stream = io.StringIO()
    FORMATS[name](report, stream)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["report", "changed", "clean"])
def test_saved_report_gives_the_same_in_every_format(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    report: Report = request.getfixturevalue(kind)
    path = tmp_path / "report.jsonl"
    path.write_text(_written("jsonl", report), encoding="utf-8")
    loaded = load_jsonl(path)
    assert loaded == report
    for name in FORMATS:
        assert _written(name, loaded) == _written(name, report), name
