"""Commands that change a dataset don't start in another folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from spinegate.cli import run as spinegate

WAYS = (
    ["rename", "{}", "--subject", "sub-siemensA01=sub-x1"],
    ["exclude", "--dataset", "{}", "sub-siemensA01", "--metric", "mtr", "--reason", "x"],
    ["participants", "sort", "--dataset", "{}"],
    ["fix", "{}"],
    ["deface", "{}"],
)


@pytest.mark.parametrize("words", WAYS)
def test_the_folder_that_is_meant_is_told(
    phantom: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (phantom.parent, phantom / "sub-siemensA01", phantom / "sub-siemensA01/anat"):
        assert spinegate(["curate", *(word.format(folder) for word in words)]) == 2
        told = capsys.readouterr().err
        assert f"{folder} is no dataset" in told
        assert f"did you mean {phantom}?" in told
    assert spinegate(["curate", *(word.format(phantom) for word in words)]) == 0


def test_where_there_is_none_far_and_wide(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert spinegate(["curate", "rename", str(tmp_path / "empty"), "--site", "a=b"]) == 2
    assert "no sub-... folder in it\n" in capsys.readouterr().err


def test_exams_may_begin_a_dataset(
    phantom: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for folder, told in ((phantom / "sub-siemensA01", "did you mean"), (new, "no MR images")):
        words = ["ingest", str(new), str(folder), "--subject", "x"]
        assert spinegate(["curate", *words]) == 2
        assert told in capsys.readouterr().err
