"""What the real dataset must show of names, contrasts and sites, and bare folders of its files."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spinegate.validator.finding import Finding
from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate

pytestmark = pytest.mark.real

NAMING = {
    "NAME_NOT_BIDS",
    "NAME_FOLDER_MISMATCH",
    "NAME_WRONG_FOLDER",
    "NAME_OLD_CONVENTION",
    "NAME_FOREIGN",
    "NAME_UNDECIDED",
    "SITE_INCONSISTENT",
    "CONTRAST_UNEXPECTED",
}


def of(report: Report, code: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.code == code]


def test_no_name_and_no_site_is_a_false_alarm(report: Report) -> None:
    assert not [finding for finding in report.findings if finding.code in NAMING]


def test_every_participants_site_is_judged(report: Report) -> None:
    (rule,) = [rule for rule in report.rules if rule.code == "SITE_INCONSISTENT"]
    assert (rule.met, rule.not_determinable) == (267, 0)


def test_missing_contrasts(report: Report) -> None:
    missing: dict[str, set[str]] = {}
    for finding in of(report, "CONTRAST_MISSING"):
        missing.setdefault(finding.location.removeprefix("sub-"), set()).add(finding.sub_code)
    mt_series = {"MTon", "MToff", "GRE-T1w"}
    assert missing == {
        **{f"beijingGE{n:02}": mt_series for n in range(1, 5)},
        **{f"beijingVerio{n:02}": mt_series for n in range(1, 5)},
        "ubc01": {"GRE-T1w"},
        **{f"ucdavis{n:02}": {"GRE-T1w"} for n in (3, 5, 6, 7)},
    }


def test_what_bidsignore_hides_is_counted(report: Report) -> None:
    found = {finding.sub_code: finding for finding in of(report, "BIDSIGNORE_HIDES_SCANS")}
    assert set(found) == {"*_MTS*", "*_acq-b0_dwi*"}
    assert " 772 of the 1,868 images" in found["*_MTS*"].message
    assert " 22 of the 1,868 images" in found["*_acq-b0_dwi*"].message
    assert "GRE-T1w (254), MToff (259), MTon (259)" in found["*_MTS*"].message
    (rule,) = [rule for rule in report.rules if rule.code == "NAME_NOT_BIDS"]
    assert (rule.met, rule.not_determinable) == (17343, 7126)


Style = Callable[[dict[str, Any], str], str]


def by_protocol(sidecar: dict[str, Any], stem: str) -> str:
    """Name a file as dcm2niix -f %p_%s does."""
    name = str(sidecar.get("ProtocolName", "scan")).replace(" ", "_")
    return f"{name}_{sidecar.get('SeriesNumber', 0)}_{len(stem)}"


def by_number(sidecar: dict[str, Any], stem: str) -> str:
    """Name a file so that its name tells nothing."""
    return f"S{sum(map(ord, stem)):04}"


def export(bundle: Path, participant: str, folder: Path, style: Style) -> dict[str, str]:
    """Write a participant's raw sidecars under a hospital's names; name to contrast's end."""
    folder.mkdir(parents=True)
    ends: dict[str, str] = {}
    for file in sorted((bundle / "sourcedata" / participant).glob("*/*.json")):
        sidecar = json.loads(file.read_text())
        name = style(sidecar, file.stem)
        assert not (folder / f"{name}.json").exists()
        shutil.copy(file, folder / f"{name}.json")
        (folder / f"{name}.nii.gz").write_text(f"/annex/objects/MD5E-s1--{'0' * 32}.nii.gz\n")
        for table in (".bval", ".bvec"):
            if file.with_suffix(table).exists():
                shutil.copy(file.with_suffix(table), folder / f"{name}{table}")
        ends[f"{name}.nii.gz"] = file.stem.partition("_")[2]
    return ends


PEOPLE = [
    "sub-amu01",
    "sub-balgrist02",
    "sub-beijingPrisma03",
    "sub-brnoUhb01",
    "sub-geneva01",
    "sub-juntendo750w01",
    "sub-mniS05",
    "sub-nwu02",
    "sub-stanford02",
    "sub-tokyoIngenia01",
    "sub-vuiisAchieva01",
]


@pytest.mark.parametrize("style", [by_protocol, by_number])
def test_a_bare_folder_is_recognised(bundle: Path, tmp_path: Path, style: Style) -> None:
    ends = {
        f"{participant}/{name}": end
        for participant in PEOPLE
        for name, end in export(bundle, participant, tmp_path / participant, style).items()
    }
    report = validate(Options(tmp_path))
    told = {finding.location: str(finding.expected) for finding in of(report, "NAME_FOREIGN")}
    undecided = {finding.location for finding in of(report, "NAME_UNDECIDED")}
    for place, end in ends.items():
        label = place.partition("/")[0].removeprefix("sub-")
        if place in undecided:
            assert end.endswith("_MTS")
            assert label.startswith(("tokyoIngenia", "vuiisAchieva"))  # Philips
        else:
            datatype = "dwi" if end.endswith("dwi") else "anat"
            assert told[place] == f"sub-{label}/{datatype}/sub-{label}_{end}.nii.gz"
    assert len(told) + len(undecided) == len(ends)


def test_parameters_of_a_bare_folder_are_judged(bundle: Path, tmp_path: Path) -> None:
    export(bundle, "sub-stanford02", tmp_path / "stanford", by_protocol)
    report = validate(Options(tmp_path))
    codes = Counter(finding.code for finding in report.findings)
    assert codes["REPETITION_TIME_OUT_OF_TOLERANCE"]
    assert not codes["CONTRAST_MISSING"]
    (use,) = report.variants
    assert (use.participant, use.variant) == ("sub-stanford", "ge")


def test_visits_are_sessions(bundle: Path, tmp_path: Path) -> None:
    for visit, participant in enumerate(("sub-amu01", "sub-amu02"), start=1):
        export(bundle, participant, tmp_path / "p7" / f"visit-{visit}", by_protocol)
    report = validate(Options(tmp_path))
    names = [str(finding.expected) for finding in of(report, "NAME_FOREIGN")]
    assert names
    assert {name[: name.rindex("/")].rpartition("/")[0] for name in names} == {
        "sub-p7/ses-visit1",
        "sub-p7/ses-visit2",
    }
