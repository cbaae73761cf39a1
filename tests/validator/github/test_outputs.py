"""What a step tells GitHub: outputs, summary and log."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.validator.github.log import annotate, quoted
from spinegate.validator.github.outputs import append_summary, write_outputs
from tests.github_actions.runner import read_commands, read_outputs


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
def test_a_value_comes_as_it_is(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    path = tmp_path_factory.getbasetemp() / "outputs"
    path.unlink(missing_ok=True)
    write_outputs({"GITHUB_OUTPUT": str(path)}, {"a": value, "b": f"x\nerrors=0\n{value}"})
    assert read_outputs(path.read_text()) == {"a": value, "b": f"x\nerrors=0\n{value}"}


def test_a_value_can_not_end_itself(tmp_path: Path) -> None:
    path = tmp_path / "outputs"
    write_outputs({"GITHUB_OUTPUT": str(path)}, {"a": "EOF\nerrors=0\nEOF"})
    write_outputs({"GITHUB_OUTPUT": str(path)}, {"b": "2"})
    assert read_outputs(path.read_text()) == {"a": "EOF\nerrors=0\nEOF", "b": "2"}


def test_the_summary_is_added(tmp_path: Path) -> None:
    report, summary = tmp_path / "report.md", tmp_path / "summary"
    summary.write_text("of others\n")
    report.write_text("ours\n")
    append_summary({"GITHUB_STEP_SUMMARY": str(summary)}, report)
    assert summary.read_text() == "of others\nours\n\n"
    report.write_text("x" * 2**20)
    append_summary({"GITHUB_STEP_SUMMARY": str(summary)}, report)
    assert "artifacts" in summary.read_text()


def test_outside_github_nothing_is_written(tmp_path: Path) -> None:
    write_outputs({}, {"a": "1"})
    append_summary({}, tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


@given(st.text())
def test_what_is_quoted_is_no_command(text: str) -> None:
    import contextlib
    import io

    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        with quoted():
            print(text)
        annotate("error", text)
    [(name, properties, _)] = read_commands(log.getvalue())
    assert (name, properties) == ("error", {"title": "spinegate"})


def test_commands_work_again_after_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="x"), quoted():
        raise ValueError("x")
    annotate("notice", "100 %\n::error::no")
    assert read_commands(capsys.readouterr().out) == [
        ("notice", {"title": "spinegate"}, r"100 %25\n::error::no")
    ]
