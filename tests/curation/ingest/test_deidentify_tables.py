"""Tables without dates: the year where it may stand alone, else n/a."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spinegate.curation.ingest.deidentify_tables import find_dates, without_date
from spinegate.protocol_specs.loader import load_spec
from spinegate.validator.dataset import load_dataset
from spinegate.validator.operation import Set
from spinegate.validator.tree import open_tree


@pytest.mark.parametrize(
    ("column", "cell", "left"),
    [
        ("date_of_scan", "2019-02-12", "2019"),
        ("date_of_scan", "2019-02-12T10:11:12.5", "2019"),
        ("date_of_scan", "20190212", "2019"),
        ("date_of_scan", "12.02.2019", "2019"),
        ("date_of_scan", "2019", "2019"),
        ("date_of_scan", "n/a", "n/a"),
        ("birth_date", "1980-01-31", "n/a"),
        ("DOB", "31/01/1980", "n/a"),
        ("acq_time", "2019-02-12T10:11:12", "n/a"),
        ("acq_time", "1877-06-15T13:45:30", "1877-06-15T13:45:30"),  # shifted, as BIDS asks
        ("notes", "again on 2019-02-12, coil changed", "again on coil changed"),
        ("notes", "disc protrusion Th2/3", "disc protrusion Th2/3"),
        ("software_versions", "syngo_MR_B17", "syngo_MR_B17"),
        ("age", "28", "28"),
    ],
)
def test_cells(column: str, cell: str, left: str) -> None:
    assert without_date(column, cell) == left
    assert without_date(column, left) == left


def test_a_year_that_the_table_does_not_know_is_not_written() -> None:
    meaning = {"Levels": {"before": "", "after": ""}}
    assert without_date("date_of_scan", "2019-02-12", meaning) == "n/a"


def test_all_tables_are_found(tmp_path: Path) -> None:
    folder = tmp_path / "sub-1" / "ses-2019"
    folder.mkdir(parents=True)
    (tmp_path / "dataset_description.json").write_text(json.dumps({"Name": "x"}))
    (tmp_path / "participants.tsv").write_text(
        "date_of_scan\tparticipant_id\n2019-02-12\tsub-1\nn/a\tsub-2\n"
    )
    (folder / "sub-1_ses-2019_scans.tsv").write_text(
        "filename\tacq_time\r\nanat/2019-02-12.nii\t2019-02-12T10:00:00\r\n"
    )
    (folder.parent / "sub-1_sessions.tsv").write_text(
        "session_id\tacq_time\nses-2019\t2019-02-12T10:00:00\n"
    )
    found = list(find_dates(load_dataset(open_tree(tmp_path), load_spec("spine-generic"))))
    assert found == [
        Set("participants.tsv", "date_of_scan", "2019", row="sub-1"),
        Set("sub-1/ses-2019/sub-1_ses-2019_scans.tsv", "acq_time", "n/a",
            row="anat/2019-02-12.nii"),
        Set("sub-1/sub-1_sessions.tsv", "acq_time", "n/a", row="ses-2019"),
    ]  # fmt: skip
