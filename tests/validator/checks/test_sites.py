from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from spinegate.validator.finding import Outcome
from spinegate.validator.verdict import Verdict

Judge = Callable[..., list[Verdict]]


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, value in {"dataset_description.json": {"Name": "X"}, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value))
    return folder


def of(verdicts: list[Verdict], code: str, outcome: Outcome = Outcome.NOT_MET) -> list[Verdict]:
    return [v for v in verdicts if v.code == code and v.outcome is outcome and v.count]


def count(verdicts: list[Verdict], code: str, outcome: Outcome) -> int:
    return sum(v.count for v in verdicts if v.code == code and v.outcome is outcome)


def table(**sites: str) -> dict[str, Any]:
    rows = "".join(f"sub-{label}\t{site}\n" for label, site in sites.items())
    images = {f"sub-{label}/anat/sub-{label}_T1w.nii.gz": "" for label in sites}
    return {"participants.tsv": f"participant_id\tinstitution_id\n{rows}", **images}


def found_in(judge: Judge, folder: Path, **sites: str) -> list[tuple[str, object]]:
    verdicts = judge(write(folder, table(**sites)), "sites")
    return [(v.location, v.expected) for v in of(verdicts, "SITE_INCONSISTENT")]


def test_the_label_of_another_site(judge: Judge, tmp_path: Path) -> None:
    found = found_in(judge, tmp_path, amu01="amu", ucl01="ucl", ucl02="amu")
    assert found == [("sub-ucl02", "ucl")]


def test_one_of_a_row_at_another_site(judge: Judge, tmp_path: Path) -> None:
    found = found_in(judge, tmp_path, mniS01="mni", mniS02="mni", mniS03="ucl")
    assert found == [("sub-mniS03", "mni")]


def test_sites_that_name_their_participants_otherwise(judge: Judge, tmp_path: Path) -> None:
    assert not found_in(
        judge,
        tmp_path,
        mniS01="mni",
        mniPilot1="mni",
        beijingGE01="beijing750",
        tehranS01="tehran",
    )


def test_labels_that_name_groups(judge: Judge, tmp_path: Path) -> None:
    groups = {f"ctrl{n}": site for n, site in enumerate(("a", "a", "b"))}
    assert not found_in(judge, tmp_path, **groups, pat1="b")


def test_numbers_only_tell_nothing(judge: Judge, tmp_path: Path) -> None:
    verdicts = judge(write(tmp_path, table(**{"01": "a", "02": "b", "03": "a"})), "sites")
    assert count(verdicts, "SITE_INCONSISTENT", Outcome.NOT_DETERMINABLE) == 3


def test_no_site_in_the_table(judge: Judge, tmp_path: Path) -> None:
    verdicts = judge(write(tmp_path, table(amu01="n/a", amu02="amu", amu03="")), "sites")
    assert count(verdicts, "SITE_INCONSISTENT", Outcome.NOT_DETERMINABLE) == 2
    assert count(verdicts, "SITE_INCONSISTENT", Outcome.MET) == 1
