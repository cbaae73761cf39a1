"""participants.tsv: only the lines that change are written anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.cli import run as spinegate
from spinegate.curation.lines import read_lines, write_lines
from spinegate.curation.participants.changes import Change, make_change
from spinegate.curation.participants.table import change, in_order, load_participants, natural
from spinegate.system.errors import ConfigError, SpinegateError

Run = Callable[..., str]
Capture = pytest.CaptureFixture[str]
TODAY = date(2026, 11, 20)
TABLE = "participant_id\tsex\tage\tnotes\r\nsub-a2\tF\t30\tn/a\r\nsub-a10\tM\t31\t x\r\n"


def dataset(
    folder: Path, table: str = TABLE, json: str = '{"sex": {"Levels": {"F": "", "M": ""}}}'
) -> Path:
    (folder / "sub-a2/anat").mkdir(parents=True)
    (folder / "dataset_description.json").write_text('{"Name": "x", "BIDSVersion": "1.9.0"}')
    (folder / "participants.tsv").write_bytes(table.encode())
    (folder / "participants.json").write_text(json)
    return folder


def changed(folder: Path, *changes: Change) -> str:
    return change(load_participants(folder), changes, TODAY)


def test_a_cell_is_set_and_all_else_stays(tmp_path: Path) -> None:
    new = changed(dataset(tmp_path), Change("set", "sub-a2", "age", "29"))
    assert new == TABLE.replace("\t30\t", "\t29\t")


def test_a_row_goes_to_its_place_with_what_is_known(tmp_path: Path) -> None:
    add, sex = Change("add", "sub-a3"), Change("set", "sub-a3", "sex", "F")
    lines = changed(dataset(tmp_path), sex, add).split("\r\n")
    assert lines[2] == "sub-a3\tF\tn/a\tn/a"
    assert lines[:2] + lines[3:] == TABLE.split("\r\n")


def test_rows_in_no_order_stay_so_until_they_are_sorted(tmp_path: Path) -> None:
    table = "participant_id\tage\nsub-b\t1\nsub-a\t2"
    folder = dataset(tmp_path, table, "{}")
    assert changed(folder, Change("add", "sub-a1")) == f"{table}\nsub-a1\tn/a\n"
    sorted_ = "participant_id\tage\nsub-a\t2\nsub-b\t1\n"
    assert changed(folder, Change("sort")) == sorted_


def test_what_is_switched_off_is_left_out(tmp_path: Path) -> None:
    assert changed(dataset(tmp_path), Change("set", "sub-a2", "age", "29", apply=False)) == TABLE


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (Change("set", "sub-a22", "age", "29"), "did you mean 'sub-a2'"),
        (Change("set", "sub-a2", "Age", "29"), "did you mean 'age'"),
        (Change("set", "sub-a2", "age", "-"), "write n/a"),
        (Change("set", "sub-a2", "age", ""), "write n/a"),
        (Change("set", "sub-a2", "age", "old"), "a number of years"),
        (Change("set", "sub-a2", "sex", "O"), "participants.json knows only F, M"),
        (Change("set", "sub-a2", "notes", "a\tb"), "tabs"),
        (Change("set", "sub-a2", "notes", "a "), "'a '"),
        (Change("set", "sub-a2", "participant_id", "sub-z"), "curate rename"),
        (Change("add", "sub-a2"), "there already"),
        (Change("add", "a_2"), "no participant_id"),
    ],
)
def test_what_cannot_be_is_said(what: Change, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        changed(dataset(tmp_path), what)


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    twice = Change("set", "sub-a2", "age", "29")
    with pytest.raises(ConfigError, match=r"(?s)no column.*set twice"):
        changed(dataset(tmp_path), Change("set", "sub-a2", "x", "1"), twice, twice)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("participant_id\tage\nsub-a\n", "1 cells where the header has 2"),
        ("id\tage\nsub-a\t1\n", "no column participant_id"),
        ("participant_id\nsub-a\nsub-a\n", "stands there twice"),
        ("", "empty"),
    ],
)
def test_a_broken_table_is_not_edited(table: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(SpinegateError, match=said):
        changed(dataset(tmp_path, table), Change("sort"))


@given(st.lists(st.from_regex(r"\Asub-[a-cA-C]{0,2}[0-9]{0,12}\Z"), max_size=20))
def test_the_order_is_one_and_sorting_gives_it(names: list[str]) -> None:
    assert in_order(sorted(names, key=natural))


@pytest.mark.parametrize("name", ["plan.tsv", "plan.yml"])
def test_lists_are_read_as_they_were_written(name: str, tmp_path: Path) -> None:
    changes = [Change("add", "sub-a3"), Change("set", "sub-a3", "notes", 'a "b"'), Change("sort")]
    write_lines(changes, Change, tmp_path / name)
    assert read_lines(tmp_path / name, Change, make_change) == changes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {op: put}", "op must be one of set, add, sort"),
        ("- {op: set, participant: sub-a2}", "set needs column and value"),
        ("- {op: set, participant: 3, column: a, value: b}", "participant must be text"),
        ("- {op: set, participant: sub-a2, column: a, value: [b]}", "text or a number"),
    ],
)
def test_lists_with_faults_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(ConfigError, match=said):
        read_lines(tmp_path / "p.yaml", Change, make_change)


def test_the_command_shows_commits_and_takes_back(
    tmp_path: Path, run: Run, capsys: Capture
) -> None:
    folder = dataset(tmp_path / "d")
    run(folder, "git", "init", "-q")
    run(folder, "git", "config", "user.name", "Tester")
    run(folder, "git", "config", "user.email", "tester@example.org")
    run(folder, "git", "add", ".")
    run(folder, "git", "commit", "-q", "-m", "A dataset")
    base, at = ["curate", "participants"], ["--dataset", str(folder)]
    assert spinegate([*base, "set", "sub-a2", "age=29", "notes=ok", *at]) == 0
    said = capsys.readouterr()
    assert "+sub-a2  F  29  ok" in said.out
    assert "note: participants.json doesn't say what age means" in said.out
    assert run(folder, "git", "status", "--short") == ""
    plan = tmp_path / "plan.tsv"
    assert spinegate([*base, "add", "sub-a3", "sex=F", *at, "--plan", str(plan)]) == 0
    assert "note: there is no folder sub-a3 yet" in capsys.readouterr().out
    assert spinegate([*base, "from-plan", str(plan), *at, "--apply"]) == 0
    assert run(folder, "git", "log", "-1", "--format=%s").strip() == (
        "spinegate: participants: add sub-a3"
    )
    assert run(folder, "git", "show", "--stat", "--format=").startswith(" participants.tsv | 1 +")
    assert run(folder, "git", "status", "--short") == ""
    assert spinegate([*base, "undo", *at]) == 0
    assert (folder / "participants.tsv").read_bytes() == TABLE.encode()
    assert spinegate([*base, "sort", *at, "--apply"]) == 0
    assert spinegate([*base, "set", "sub-a2", "age", *at]) == 2


def test_check_lists_what_is_wrong(tmp_path: Path, capsys: Capture) -> None:
    folder = dataset(tmp_path, "participant_id\tsex\nsub-b\tX\nsub-a2\tF\n")
    assert spinegate(["curate", "participants", "check", "--dataset", str(folder)]) == 1
    said = capsys.readouterr().out
    assert "participants.tsv:2" in said
    assert "[PARTICIPANT_VALUE_INVALID]" in said
    assert "aren't in the order" in said
