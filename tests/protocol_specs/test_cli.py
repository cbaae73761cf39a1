"""`spinegate spec ...`: output, files, exit statuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinegate.cli import run


def status(*argv: str) -> int:
    """Run the command line with arguments after `spec`."""
    return run(["spec", *argv])


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("list") == 0
    out = capsys.readouterr().out
    assert out.startswith("spine-generic  2025-11-22  8 contrasts")
    assert "siemens-triotim" in out


def test_show_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show") == 0
    out = capsys.readouterr().out
    assert "T2star  [T2star]" in out
    assert status("show", "spine-generic", "--model", "TrioTim") == 0
    assert "180 degree" in capsys.readouterr().out


def test_show_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show", "--model", "Vida", "--format", "json") == 0
    data = json.loads(capsys.readouterr().out)
    assert [variant["name"] for variant in data["variants"]] == ["siemens-vida"]


def test_a_card(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show", "--model", "Prisma", "--print") == 0
    assert capsys.readouterr().out.startswith("spine-generic · Siemens Prisma (VE11C)")
    assert status("show", "--model", "Prisma", "--software", "VE11B", "--print") == 0
    assert "(VE11B)" in capsys.readouterr().out


def test_a_card_as_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "card.html"
    assert status("show", "--model", "MR750", "--print", "--output", str(page)) == 0
    assert page.read_text().startswith("<!DOCTYPE html>")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "written" in captured.err


def test_a_fallback_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show", "--manufacturer", "Siemens", "--model", "Avanto", "--print") == 0
    assert "siemens-other stands in for it" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["show", "--print"], "name it with --model"),
        (["show", "--model", "Nothing"], "Models with a variant: Achieva"),
        (["show", "nothing"], "there is no spec 'nothing'"),
        (["show", "--output", "/no/such/folder/x.txt"], "does not exist"),
        (["check", "/no/such/file.yaml"], "cannot be read"),
        (["derive", "/no/such/folder"], "not a folder"),
        (["import", "/no/such/file.pdf"], "cannot be read"),
        (["import"], "Missing argument"),
        (["show", "--format", "xml"], "Invalid value"),
    ],
)
def test_usage_and_configuration_end_with_2(
    argv: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(*argv) == 2
    err = capsys.readouterr().err
    assert message in err
    assert "Traceback" not in err


def test_check_names_every_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("extends: spine-generic\nsort: x\nvariants:\n  ge:\n    level: fatal\n")
    assert status("check", str(file)) == 2
    err = capsys.readouterr().err
    assert "own.yaml:2: sort: there is no such key" in err
    assert "own.yaml:5: variants.ge.level: 'fatal' is not one of" in err


def test_check_finds_what_a_schema_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("extends: spine-generic\nvariants:\n  ge:\n    extends: nobody\n")
    assert status("check", str(file)) == 2
    assert "own.yaml:4: variants.ge.extends: no variant 'nobody'" in capsys.readouterr().err


def test_check_of_a_spec_that_matches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "protocol: own\nversion: 1\ncontrasts: {T1w: {forms: [{suffix: T1w}]}}\n"
        "variants: {a: {manufacturer: A}}\n"
    )
    assert status("check", str(file)) == 2
    assert "no scan can match" in capsys.readouterr().err


def test_check_of_a_good_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("extends: spine-generic\nversion: ours\n")
    assert status("check", str(file)) == 0
    told = capsys.readouterr()
    assert "fine. spine-generic ours: 8 contrasts" in told.out
    assert told.err == ""


@pytest.mark.parametrize(
    ("entry", "doubt"),
    [
        ("RepetitionTme: 2", "T2w: RepetitionTme is unusual; is RepetitionTime meant?"),
        ("PulseSequenceName: space", ""),
    ],
)
def test_check_names_what_is_doubtful(
    entry: str, doubt: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "extends: spine-generic\n"
        f"variants: {{siemens-prisma: {{contrasts: {{T2w: {{{entry}}}}}}}}}\n"
    )
    assert status("check", str(file)) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("doubtful: ")[2][: len(doubt)] for line in lines] == (
        [doubt] if doubt else []
    )


@pytest.mark.parametrize("value", ["abc", "2.5 s", "{target: 2, list: [long]}"])
def test_check_refuses_a_text_where_a_number_belongs(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "extends: spine-generic\n"
        "variants:\n  siemens-prisma:\n    contrasts:\n      T2w:\n"
        f"        RepetitionTime: {value}\n"
    )
    assert status("check", str(file)) == 2
    told = capsys.readouterr().err
    assert f"{file}:6" in told
    assert "is a text where a number belongs" in told


def test_derive_then_check_then_show(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "study" / "sub-01" / "anat"
    folder.mkdir(parents=True)
    sidecar = {"EchoTime": 0.1, "Manufacturer": "Acme", "ManufacturersModelName": "One"}
    (folder / "sub-01_T2w.json").write_text(json.dumps(sidecar))
    spec = tmp_path / "study.yaml"
    assert status("derive", str(tmp_path / "study"), "--output", str(spec)) == 0
    assert status("check", str(spec)) == 0
    assert status("show", str(spec), "--model", "one", "--print") == 0
    assert "100 ms" in capsys.readouterr().out


def test_import_then_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = tmp_path / "GRE-MT1_20171011103924602_8" / "LxProtocol"
    export.parent.mkdir()
    export.write_text('set PSEQ "SPGR"\nset TR "35.0"\nset FLIPANG "9"\n')
    spec = tmp_path / "draft.yaml"
    assert status("import", str(export), "--output", str(spec)) == 0
    assert "GRE-MT1: RepetitionTime, FlipAngle" in capsys.readouterr().err
    assert status("check", str(spec)) == 0
