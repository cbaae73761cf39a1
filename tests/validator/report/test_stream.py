from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.system.errors import ConfigError
from spinegate.validator.report.load import load_jsonl
from spinegate.validator.report.stream import plain, records, write_json, write_jsonl
from spinegate.validator.result import Report

RULE = {"code", "met", "not_met", "not_determinable", "concerns"}
SUMMARY = {"errors", "warnings", "waived", "files", "scans", "seconds", "old", "fixed"}


def _lines(report: Report) -> list[str]:
    stream = io.StringIO()
    write_jsonl(report, stream)
    return stream.getvalue().splitlines()


def _load(tmp_path: Path, lines: list[str]) -> Report:
    path = tmp_path / "report.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return load_jsonl(path)


def test_json_has_the_promised_keys(report: Report) -> None:
    stream = io.StringIO()
    write_json(report, stream)
    value = json.loads(stream.getvalue())
    keys = ["dataset", "origin", "base", "findings", "fixed", "rules", "summary"]
    assert list(value) == keys
    assert value["dataset"] == "spine-generic"
    assert all(set(rule) == RULE for rule in value["rules"])
    assert set(value["summary"]) == SUMMARY
    assert value["findings"] == [finding.to_json() for finding in report.findings]


def test_records_come_in_order(report: Report) -> None:
    kinds = [record["type"] for record in records(report)]
    assert list(dict.fromkeys(kinds)) == ["header", "value", "finding", "rule", "summary"]


def test_round_trip(report: Report, clean: Report, tmp_path: Path) -> None:
    assert _load(tmp_path, _lines(report)) == report
    assert _load(tmp_path, _lines(clean)) == clean


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (2**63, "9223372036854775808"),
        (-(2**64), "-18446744073709551616"),
        ("\ud800", "\\ud800"),
        ({1: (2, {"\udcff": None})}, {"1": [2, {"\\udcff": None}]}),
        (True, True),
        (b"x", "b'x'"),
    ],
)
def test_plain(value: object, said: object) -> None:
    assert plain(value) == said


def test_plain_cuts_depth_and_huge_numbers() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    json.dumps(plain(deep))
    assert plain(10**5000).startswith("0x")


def _set(key: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(record: dict[str, Any]) -> None:
        record[key] = value

    return change


@pytest.mark.parametrize(
    ("line", "change", "message"),
    [
        (0, _set("dataset", 3), "dataset: str expected, found int"),
        (0, _set("origin", []), "origin: dict expected"),
        (0, _set("sites", {"amu": -1}), "amu: a count below zero"),
        (0, _set("sites", {"amu": True}), "amu: int expected, found bool"),
        (0, _set("variants", [3]), "variants: a list of objects expected"),
        (1, _set("outcome", "perhaps"), "outcome: one of met, not_met, not_determinable expected"),
        (2, _set("severity", []), "severity: one of error, warning, ignore expected"),
        (2, _set("affects", ["a", 1]), "affects: a list of texts expected"),
        (2, _set("fix", "rm -rf"), "fix: dict expected, found str"),
        (2, _set("type", "header"), "the header comes first and once"),
        (2, _set("type", "summary"), "errors: int expected, found NoneType"),
        (2, _set("type", ["finding"]), "a record must be an object whose type is one of"),
        (-1, _set("seconds", "1"), "seconds: float expected, found str"),
        (-1, _set("type", "rule"), "code: str expected"),
    ],
)
def test_bad_record_is_named_by_its_line(
    line: int,
    change: Callable[[dict[str, Any]], None],
    message: str,
    report: Report,
    tmp_path: Path,
) -> None:
    lines = _lines(report)
    record = json.loads(lines[line])
    change(record)
    lines[line] = json.dumps(record)
    with pytest.raises(ConfigError, match=message) as error:
        _load(tmp_path, lines)
    assert error.value.line == range(1, len(lines) + 1)[line]


@pytest.mark.parametrize(
    "junk", ["", "{", "[]", "null", '{"type": "finding"}', "\x00", "[" * 99999]
)
def test_junk_is_refused(junk: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"report\.jsonl:1: "):
        _load(tmp_path, [junk])


def test_what_follows_the_summary_is_refused(report: Report, tmp_path: Path) -> None:
    lines = _lines(report)
    with pytest.raises(ConfigError, match=f":{len(lines) + 1}: the header comes first"):
        _load(tmp_path, [*lines, lines[-2]])


@pytest.mark.parametrize("keep", [0, 1, 5])
def test_report_that_is_cut_off_is_refused(keep: int, report: Report, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cut off"):
        _load(tmp_path, _lines(report)[:keep])


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_jsonl(tmp_path / "none.jsonl")


@given(content=st.binary(max_size=200))
def test_arbitrary_bytes_never_crash(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("junk") / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        load_jsonl(path)
