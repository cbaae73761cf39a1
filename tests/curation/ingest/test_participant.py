"""The row that DICOM headers propose, and what the table says otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.ingest.participant import NOTHING, Person, read_person, tell_age
from spinegate.curation.ingest.participant_row import COLUMNS, propose_for, propose_row
from spinegate.curation.participants.table import load_participants
from spinegate.validator.table import parse_table

pydicom = pytest.importorskip("pydicom")
SOMEBODY = Person(
    sex="M", age=28, height=187, weight=88, scanned=date(2023, 5, 19), manufacturer="Siemens",
    model="Prisma_fit", coil="HeadNeck_64", software="syngo MR E11", institution="The Institute",
)  # fmt: skip


def rows(content: bytes | None) -> dict[str, dict[str, str]]:
    assert content is not None
    return {row["participant_id"]: dict(row) for row in parse_table(content).records()}


@pytest.mark.parametrize("vendor", ["siemens", "ge", "philips"])
def test_the_phantom_s_rows_come_back(exams: Path, truth: Path, vendor: str) -> None:
    files = [sorted(folder.iterdir())[0] for folder in sorted((exams / f"{vendor}A01").iterdir())]
    name = f"sub-{vendor}A01"
    sidecars = [json.loads(p.read_text()) for p in sorted((truth / name).glob("*/*.json"))]
    person = read_person(files, sidecars)
    expected = load_participants(truth).table.records()
    own = next(row for row in expected if row["participant_id"] == name)
    values = person.values(keep_dates=True)
    for column, value in values.items():
        assert own[column] == value, column
    assert len(values) == 10
    assert person.doubts == ()
    proposed, table = propose_for(truth, name, person)
    assert (proposed.changes, proposed.conflicts, table) == ((), (), None)


def edited(folder: Path, rewrite: Any, **values: Any) -> Person:
    def edit(header: Any) -> None:
        for key, value in values.items():
            setattr(header, key, value)

    rewrite(folder, edit)
    return read_person(sorted(folder.rglob("*.dcm"))[:1])


@pytest.mark.parametrize(
    ("values", "age"),
    [
        ({"PatientBirthDate": "19800520", "StudyDate": "20230519"}, 42),
        ({"PatientBirthDate": "19800519", "StudyDate": "20230519"}, 43),
        ({"PatientBirthDate": "", "PatientAge": "018M"}, 1),
        ({"PatientBirthDate": "", "PatientAge": "104W"}, 1),
        ({"PatientBirthDate": "", "PatientAge": "400D"}, 1),
        ({"PatientBirthDate": "", "PatientAge": "000Y"}, None),
        ({"PatientBirthDate": "", "PatientAge": "old"}, None),
        ({"PatientBirthDate": "20990101", "PatientAge": "050Y"}, 50),
        ({"PatientBirthDate": "17000101", "PatientAge": ""}, None),
        ({"PatientBirthDate": "19801399", "PatientAge": ""}, None),
    ],
)
def test_ages(
    exam: Callable[[str], Path], rewrite: Any, values: dict[str, str], age: int | None
) -> None:
    folder = exam("siemens") / "0006_GRE-MT0"
    day = values.get("StudyDate", "20230519")
    days = dict.fromkeys(("StudyDate", "SeriesDate", "AcquisitionDate"), day)
    with pydicom.config.disable_value_validation():
        person = edited(folder, rewrite, **{**days, **values})
    assert person.age == age


def test_ages_above_89_are_a_group() -> None:
    assert tell_age(89) == "89"
    assert tell_age(90) == tell_age(104) == "90+"


@pytest.mark.parametrize(
    ("key", "value", "attribute"),
    [
        ("PatientSize", "0", "height"), ("PatientSize", "1780", "height"),
        ("PatientWeight", "0", "weight"), ("PatientSex", "X", "sex"), ("PatientSex", "", "sex"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_unknown(
    exam: Callable[[str], Path], rewrite: Any, key: str, value: str, attribute: str
) -> None:
    person = edited(exam("ge") / "0006_GRE-MT0", rewrite, **{key: value})
    assert not getattr(person, attribute)


def test_files_of_two_persons_raise_a_doubt_without_naming_them(exams: Path) -> None:
    files = [sorted(exams.glob(f"{vendor}A01/*/*.dcm"))[0] for vendor in ("siemens", "ge")]
    doubts = " ".join(read_person(files).doubts)
    assert "2 different persons by their name" in doubts
    assert "date of birth" in doubts
    assert "siemensA01" not in doubts
    assert read_person([]).doubts == ("no DICOM header could be read",)


def test_a_new_row_has_all_columns_and_the_spelling_of_its_site(truth: Path) -> None:
    proposed, table = propose_for(truth, "sub-siemensA02", SOMEBODY, "siemensA", keep_dates=True)
    row = rows(table)["sub-siemensA02"]
    assert row["institution"] == "Phantom institute siemensA"
    assert row["date_of_scan"] == "2023-05-19"
    assert row["researcher"] == row["pathology"] == row["notes"] == NOTHING
    assert len(rows(table)) == len(load_participants(truth).table.rows) + 1
    assert [change.op for change in proposed.changes].count("add") == 1
    told = "\n".join(proposed.tell())
    assert told.startswith("New row of sub-siemensA02:")


def test_a_site_that_nobody_is_of_yet_is_told(truth: Path, tmp_path: Path) -> None:
    proposed, _ = propose_for(truth, "sub-x1", SOMEBODY, "siemensB")
    (note,) = proposed.notes
    assert note.startswith("'siemensB' is a new site; known are 'geA', 'philipsA', 'siemensA'")
    assert note.endswith("did you mean 'siemensA'?")
    assert propose_for(truth, "sub-x1", SOMEBODY, "siemensA")[0].notes == ()
    (tmp_path / "participants.tsv").write_text("participant_id\tinstitution_id\nsub-a\tn/a\n")
    assert propose_for(tmp_path, "sub-x1", SOMEBODY, "siemensB")[0].notes == ()
    assert propose_row(None, "sub-x1", SOMEBODY, "siemensB").notes == ()


def test_only_the_year_of_the_scan_is_said_unless_asked(truth: Path) -> None:
    assert SOMEBODY.values()["date_of_scan"] == "2023"
    proposed, table = propose_for(truth, "sub-siemensA02", SOMEBODY, "siemensA")
    cell = rows(table)["sub-siemensA02"]["date_of_scan"]
    # Where the table's rules want a whole date, none is made up.
    assert cell == "2023" or (cell == NOTHING and "date_of_scan" in " ".join(proposed.notes))
    assert "2023-05" not in "\n".join(proposed.tell())


def test_what_the_table_says_otherwise_is_shown_and_stays(truth: Path) -> None:
    other = Person(sex="F", age=99, height=150, manufacturer="GE", model="Prisma-fit")
    proposed, table = propose_for(truth, "sub-siemensA01", other)
    assert table is None
    columns = [conflict.partition(" ")[0] for conflict in proposed.conflicts]
    assert columns == ["sex", "age", "height", "manufacturer"]
    assert not any(change.apply for change in proposed.changes)


def test_cells_that_are_empty_are_filled_in(truth: Path, tmp_path: Path) -> None:
    for name in ("participants.tsv", "dataset_description.json"):
        (tmp_path / name).write_bytes((truth / name).read_bytes())
    text = (tmp_path / "participants.tsv").read_text()
    changed = text.replace("\t187\t88\t", "\tn/a\t-\t")
    assert changed != text
    (tmp_path / "participants.tsv").write_text(changed)
    proposed, table = propose_for(tmp_path, "sub-siemensA01", SOMEBODY)
    assert table is not None
    assert table.decode() == text
    assert {change.column for change in proposed.changes} == {"height", "weight"}


def test_columns_of_other_names_and_levels(tmp_path: Path) -> None:
    header = "participant_id\tGender\tAge\tScanner\tSite\tvendor"
    (tmp_path / "participants.tsv").write_text(f"{header}\nsub-a1\tmale\t20\tx\ta\tSIEMENS\n")
    levels = {"Gender": {"Levels": {"male": "", "female": ""}}}
    (tmp_path / "participants.json").write_text(json.dumps(levels))
    (tmp_path / "dataset_description.json").write_text("{}")
    _, table = propose_for(tmp_path, "sub-a2", SOMEBODY, "a")
    assert rows(table)["sub-a2"] == {
        "participant_id": "sub-a2", "Gender": "male", "Age": "28", "Scanner": NOTHING,
        "Site": "a", "vendor": "SIEMENS",
    }  # fmt: skip


def test_a_dataset_without_a_table_gets_one(tmp_path: Path) -> None:
    _, table = propose_for(tmp_path, "sub-x1", SOMEBODY, "x")
    assert table is not None
    assert table.decode().split("\n")[0].split("\t") == list(COLUMNS)
    assert rows(table)["sub-x1"]["manufacturer"] == "Siemens"


def test_line_ends_and_other_rows_stay(truth: Path, tmp_path: Path) -> None:
    content = (truth / "participants.tsv").read_bytes().replace(b"\n", b"\r\n")
    (tmp_path / "participants.tsv").write_bytes(content)
    _, table = propose_for(tmp_path, "sub-zz9", SOMEBODY)
    assert table is not None
    assert table.count(b"\r\n") == content.count(b"\r\n") + 1 == table.count(b"\n")
    assert set(content.split(b"\r\n")) < set(table.split(b"\r\n"))


@given(text=st.text(max_size=40))
def test_any_text_of_a_scanner_fits_into_a_cell(text: str) -> None:
    person = Person(model=text, institution=text, software=text)
    proposed = propose_row(None, "sub-x1", person, "x")
    for value in proposed.values.values():
        assert value
        assert value.isprintable()
    list(proposed.tell())
