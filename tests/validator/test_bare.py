"""A folder of converted images that is no dataset yet: the phantom under a hospital's names."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.examples.dataset import Options as Phantom
from spinegate.examples.dataset import write_dataset
from spinegate.validator.options import Options
from spinegate.validator.result import Report
from spinegate.validator.run import validate

Names = dict[str, str]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Names]:
    """A folder per volunteer, names that tell nothing; new path to the path in the dataset."""
    dataset, folder = tmp_path_factory.mktemp("phantom"), tmp_path_factory.mktemp("export")
    people = write_dataset(dataset, Phantom(sites=1, participants=1, size="tiny"))
    names: Names = {}
    for person in people:
        (folder / person.label).mkdir()
        for file in sorted((dataset / person.name).glob("*/*")):
            stem, _, extension = file.name.partition(".")
            number = hashlib.sha256(stem.encode()).hexdigest()[:6]
            place = f"{person.label}/IM{number}.{extension}"
            shutil.copy(file, folder / place)
            if extension == "nii.gz":
                names[place] = file.relative_to(dataset).as_posix()
    return folder, names


@pytest.fixture(scope="module")
def report(export: tuple[Path, Names]) -> Report:
    return validate(Options(export[0]))


def test_every_image_gets_its_name_back(export: tuple[Path, Names], report: Report) -> None:
    proposed = {f.location: f.expected for f in report.findings if f.code == "NAME_FOREIGN"}
    assert proposed == export[1]


def test_nothing_else_is_wrong(report: Report) -> None:
    assert {finding.code for finding in report.findings} == {"NAME_FOREIGN"}
    assert not report.failed


def test_the_names_that_are_proposed_make_a_dataset(
    export: tuple[Path, Names], report: Report, tmp_path: Path
) -> None:
    for finding in report.findings:
        assert finding.fix is not None
        new = str(finding.fix["to"]).removesuffix(".nii.gz")
        for old in (finding.location, *finding.affects):
            extension = old[old.index(".") :]
            (tmp_path / new).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(export[0] / old, tmp_path / f"{new}{extension}")
    (tmp_path / "dataset_description.json").write_text('{"Name": "X", "BIDSVersion": "1.10.0"}')
    named = validate(Options(tmp_path))
    ours = {"names", "sidecars"}
    assert not [f for f in named.findings if f.rule.partition(".")[0] in ours]


def test_parameters_are_judged_by_each_vendors_variant(report: Report) -> None:
    assert {use.variant for use in report.variants} == {"siemens-prisma", "ge", "philips"}
    judged = {value.path.partition("/")[0] for value in report.values}
    assert judged == {use.participant.removeprefix("sub-") for use in report.variants}


def test_a_commit_gives_the_same_names(
    export: tuple[Path, Names], tmp_path: Path, run: Callable[..., str]
) -> None:
    folder = tmp_path / "volunteer"
    shutil.copytree(export[0] / "siemensA01", folder)
    run(folder, "git", "init", "-q")
    run(folder, "git", "add", "-A")
    run(folder, "git", "commit", "-q", "-m", "images")
    reports = [validate(Options(folder, ref=ref)) for ref in (None, "HEAD")]
    names = [{f.expected for f in r.findings if f.code == "NAME_FOREIGN"} for r in reports]
    assert names[0] == names[1]
    assert "sub-volunteer/anat/sub-volunteer_T1w.nii.gz" in names[0]


def test_an_image_that_is_not_there_is_missed(export: tuple[Path, Names], tmp_path: Path) -> None:
    folder = tmp_path / "export"
    shutil.copytree(export[0], folder)
    place = next(place for place, name in export[1].items() if name.endswith("_T2w.nii.gz"))
    (folder / place).unlink()
    missing = [f for f in validate(Options(folder)).findings if f.code == "CONTRAST_MISSING"]
    assert [(f.location, f.contrast) for f in missing] == [(place.partition("/")[0], "T2w")]
