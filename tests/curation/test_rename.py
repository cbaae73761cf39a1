"""Renaming on a small dataset that names its files in every way that BIDS allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.cli import run as spinegate
from spinegate.curation.rename.moves import by_pairs
from spinegate.system.errors import SpinegateError

Run = Callable[..., str]
Fingerprint = Callable[[Path], dict[str, str]]

SUB = "sub-unf01"
OTHER = "sub-amu01"
EXCLUDE = """\
# sub-unf01 is mentioned in a comment
csa_t1:
- sub-unf01  # moved, unlike sub-unf01 before
- sub-unf011  # somebody else
- unf  # the whole site
mtr: [sub-unf01, 'unf']  # both
"""


@pytest.fixture(autouse=True)
def known(tool_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of the tests' own user."""
    monkeypatch.setenv("HOME", tool_environment["HOME"])


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content, indent=2) + "\n"
    path.write_bytes(text.encode())


@pytest.fixture
def dataset(tmp_path: Path, run: Run) -> Path:
    top = tmp_path / "data"
    write(top / "dataset_description.json", {"Name": "x", "BIDSVersion": "1.9.0"})
    for sub in (SUB, OTHER):
        for place in ("", "sourcedata/"):
            for acq, state in (("MTon", True), ("MToff", False)):
                stem = top / f"{place}{sub}/anat/{sub}_acq-{acq}_MTS"
                write(stem.with_suffix(".json"), {"FlipAngle": 9, "ScanOptions": "MT" * state})
                write(Path(f"{stem}.nii.gz"), f"{place}{sub}{acq}")
        write(top / f"{sub}/dwi/{sub}_dwi.nii.gz", "dwi")
        write(top / f"{sub}/dwi/{sub}_dwi.bval", "0\n")
        write(top / f"{sub}/{sub}_scans.tsv",
              f"filename\tacq_time\r\nanat/{sub}_acq-MTon_MTS.nii.gz\tn/a\r\n"
              f"dwi/{sub}_dwi.nii.gz\tn/a\r\n")  # fmt: skip
        write(top / f"derivatives/labels/{sub}/anat/{sub}_acq-MTon_MTS_label-SC_seg.nii.gz", "seg")
    inner = f"{SUB}/anat/{SUB}_acq-MTon_MTS"
    write(top / f"{SUB}/fmap/{SUB}_epi.json", {
        "IntendedFor": [f"anat/{SUB}_acq-MTon_MTS.nii.gz", f"dwi/{SUB}_dwi.nii.gz"],
        "EchoTime": 0.1,
    })  # fmt: skip
    write(top / f"derivatives/labels/{inner}_label-SC_seg.json", {
        "SpatialReference": "orig",
        "Sources": [f"bids:raw:{inner}.nii.gz", f"bids::{SUB}/dwi/{SUB}_dwi.nii.gz"],
        "RawSources": f"{inner}.nii.gz",
        "GeneratedBy": [{"Name": f"sct -i {SUB}_acq-MTon_MTS.nii.gz"}],
    })  # fmt: skip
    links = {"top": "../..", "far": "https://example.org"}
    write(top / "derivatives/sct/dataset_description.json", {"Name": "x", "DatasetLinks": links})
    write(top / f"derivatives/sct/{SUB}/anat/{SUB}_acq-MTon_MTS_desc-x_seg.json", {
        "Sources": [f"bids:top:{inner}.nii.gz", f"bids:far:{inner}.nii.gz",
                    f"bids::{SUB}/anat/{SUB}_acq-MTon_MTS_desc-x_seg.nii.gz"],
        "SpatialReference": {"a": f"../../../../{inner}.nii.gz"},
    })  # fmt: skip
    write(top / f"derivatives/sct/{SUB}/anat/{SUB}_acq-MTon_MTS_desc-x_seg.nii.gz", "seg2")
    write(top / f"derivatives/sct/warp_{SUB}_acq-MTon_MTS2template.nii.gz", "warp")
    write(top / "participants.tsv",
          f"participant_id\tage\tinstitution_id\n{SUB}\t30\tunf\n{OTHER}\t31\tamu\n")  # fmt: skip
    write(top / "phenotype/test.tsv", f"participant_id\tscore\n{SUB}\t1\n")
    write(top / "exclude.yml", EXCLUDE)
    write(top / ".bidsignore", "*acq-MTon*\n")
    run(top, "git", "init", "-q")
    run(top, "git", "add", ".")
    run(top, "git", "commit", "-q", "-m", "x")
    return top


def rename(dataset: Path, *options: str) -> int:
    return spinegate(["curate", "rename", str(dataset), *options])


def names(dataset: Path, run: Run) -> str:
    return run(dataset, "git", "ls-files")


def test_a_convention(
    dataset: Path, run: Run, fingerprint: Fingerprint, capsys: pytest.CaptureFixture[str]
) -> None:
    before = fingerprint(dataset)
    assert rename(dataset, "--convention", "mts-flip-mt") == 0
    assert fingerprint(dataset) == before
    told = capsys.readouterr()
    assert "Nothing was changed" in told.err
    assert "is left as it is, though it names sub-unf01_acq-MTon_MTS" in told.out
    assert ".bidsignore: " in told.out
    assert rename(dataset, "--convention", "mts-flip-mt", "--apply") == 0
    assert "Committed" in capsys.readouterr().err
    left = [name for name in names(dataset, run).split() if "acq-MT" in name]
    assert left == [f"derivatives/sct/warp_{SUB}_acq-MTon_MTS2template.nii.gz"]
    new = f"{SUB}/anat/{SUB}_flip-1_mt-on_MTS"
    sidecar = json.loads((dataset / f"{new}.json").read_text())
    assert sidecar == {"FlipAngle": 9, "ScanOptions": "MT", "MTState": True}
    fmap = (dataset / f"{SUB}/fmap/{SUB}_epi.json").read_text()
    assert f'"anat/{SUB}_flip-1_mt-on_MTS.nii.gz"' in fmap
    own = json.loads((dataset / f"derivatives/labels/{new}_label-SC_seg.json").read_text())
    assert own == {
        "SpatialReference": "orig",
        "Sources": [f"bids:raw:{new}.nii.gz", f"bids::{SUB}/dwi/{SUB}_dwi.nii.gz"],
        "RawSources": f"{new}.nii.gz",
        "GeneratedBy": [{"Name": f"sct -i {SUB}_acq-MTon_MTS.nii.gz"}],
    }
    sct = json.loads((dataset / f"derivatives/sct/{new}_desc-x_seg.json").read_text())
    assert sct == {
        "Sources": [f"bids:top:{new}.nii.gz", f"bids:far:{SUB}/anat/{SUB}_acq-MTon_MTS.nii.gz",
                    f"bids::{new}_desc-x_seg.nii.gz"],
        "SpatialReference": {"a": f"../../../../{new}.nii.gz"},
    }  # fmt: skip
    scans = (dataset / f"{SUB}/{SUB}_scans.tsv").read_bytes()
    assert f"\r\nanat/{SUB}_flip-1_mt-on_MTS.nii.gz\tn/a\r\n".encode() in scans
    changed = run(dataset, "git", "show", "--format=", "--numstat", "HEAD", "--", "*_epi.json")
    assert changed.split()[:2] == ["1", "1"]
    renamed = run(
        dataset, "git", "show", "--format=", "--name-status", "-M", "HEAD~1"
    ).splitlines()
    assert {line[:4] for line in renamed} == {"R100"}
    assert len(renamed) == 21
    assert rename(dataset, "--convention", "mts-flip-mt", "--reverse", "--apply") == 0
    assert fingerprint(dataset) == before
    assert rename(dataset, "--undo") == 0
    assert (dataset / f"{new}.json").exists()
    assert run(dataset, "git", "status", "--short") == ""


def test_a_participant(dataset: Path, run: Run, fingerprint: Fingerprint) -> None:
    before = fingerprint(dataset)
    assert rename(dataset, "--subject", f"{SUB}=sub-montreal01", "--apply") == 0
    assert SUB not in names(dataset, run)
    assert "participant_id\tage\tinstitution_id\nsub-montreal01\t30\tunf\n" in (
        dataset / "participants.tsv"
    ).read_text()  # fmt: skip
    assert (dataset / "phenotype/test.tsv").read_text().endswith("sub-montreal01\t1\n")
    wanted = EXCLUDE.replace("- sub-unf01 ", "- sub-montreal01 ")
    wanted = wanted.replace("[sub-unf01,", "[sub-montreal01,")
    assert (dataset / "exclude.yml").read_text() == wanted
    left = run(dataset, "git", "grep", "-h", SUB, "--", "*.json", "*.tsv").splitlines()
    assert sorted(line.strip() for line in left) == [
        f'"Name": "sct -i {SUB}_acq-MTon_MTS.nii.gz"',
        f'"bids:far:{SUB}/anat/{SUB}_acq-MTon_MTS.nii.gz",',
    ]
    assert rename(dataset, "--subject", f"sub-montreal01={SUB}", "--apply") == 0
    assert fingerprint(dataset) == before


def test_a_site(dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write(dataset / "sub-unfB02/anat/sub-unfB02_T1w.nii.gz", "x")
    with (dataset / "participants.tsv").open("a") as file:
        file.write("sub-unfB02\t1\tunf\n")
    run(dataset, "git", "add", ".")
    run(dataset, "git", "commit", "-q", "-m", "y")
    assert rename(dataset, "--site", "unf=montreal", "--apply") == 0
    table = (dataset / "participants.tsv").read_text()
    assert "sub-montreal01\t30\tmontreal\n" in table
    assert "sub-unfB02\t1\tmontreal\n" in table
    assert "sub-unfB02 doesn't begin with its site's name" in capsys.readouterr().out
    text = (dataset / "exclude.yml").read_text()
    assert "- montreal  # the whole site" in text
    assert "[sub-montreal01, 'montreal']" in text


def test_a_swap(dataset: Path, run: Run) -> None:
    on, off = (f"{SUB}/anat/{SUB}_acq-{name}_MTS" for name in ("MTon", "MToff"))
    assert rename(dataset, "--swap", f"{on}.nii.gz", f"{off}.nii.gz", "--apply") == 0
    assert (dataset / f"{on}.nii.gz").read_text() == f"{SUB}MToff"
    assert (dataset / f"sourcedata/{off}.nii.gz").read_text() == f"sourcedata/{SUB}MTon"
    assert json.loads((dataset / f"{off}.json").read_text())["ScanOptions"] == "MT"
    assert (dataset / f"derivatives/labels/{off}_label-SC_seg.nii.gz").exists()
    assert f"anat/{SUB}_acq-MToff_MTS" in (dataset / f"{SUB}/fmap/{SUB}_epi.json").read_text()
    assert run(dataset, "git", "status", "--short") == ""


def test_a_swap_that_contradicts_the_sidecars_is_told(
    dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rename(dataset, "--convention", "mts-flip-mt", "--apply") == 0
    capsys.readouterr()
    on, off = (f"{SUB}/anat/{SUB}_flip-1_mt-{name}_MTS" for name in ("on", "off"))
    assert rename(dataset, "--swap", f"{on}.nii.gz", f"{off}.nii.gz") == 0
    told = capsys.readouterr().out
    assert f"{off}.json will say MTState true, as {on}.json does: is that so?" in told


def test_letters_of_another_case_and_chains(dataset: Path, run: Run) -> None:
    dwi = f"{SUB}/dwi/{SUB}_dwi.nii.gz"
    on, off = (f"{SUB}/anat/{SUB}_acq-{name}_MTS.nii.gz" for name in ("MTon", "MToff"))
    third = on.replace("MTon", "third")
    assert rename(dataset, "--file", on, third, "--file", off, on, "--apply") == 0
    assert (dataset / on).read_text() == f"{SUB}MToff"
    assert (dataset / third).read_text() == f"{SUB}MTon"
    assert rename(dataset, "--file", third, third.replace("third", "THIRD"), "--apply") == 0
    assert (dataset / third.replace("third", "THIRD")).read_text() == f"{SUB}MTon"
    assert rename(dataset, "--file", dwi, dwi.replace("_dwi.", "_run-1_dwi."), "--apply") == 0
    assert (dataset / f"{SUB}/dwi/{SUB}_run-1_dwi.bval").exists()
    assert run(dataset, "git", "status", "--short") == ""


def test_findings_and_their_report(
    dataset: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(dataset / f"{OTHER}/anat/{OTHER}_T2W.nii.gz", "x")
    write(dataset / f"{OTHER}/anat/{OTHER}_T2W.json", {})
    run(dataset, "git", "add", ".")
    run(dataset, "git", "commit", "-q", "-m", "y")
    for form in ("json", "jsonl"):
        report = tmp_path / f"report.{form}"
        argv = ["validate", str(dataset), "--format", form, "--output", str(report)]
        assert spinegate(argv) in (0, 1)
    capsys.readouterr()
    shown = []
    for more in ([], ["--report", str(report)], ["--report", str(tmp_path / "report.json")]):
        assert rename(dataset, "--from-findings", *more) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] == shown[2]
    assert "_T2W.json -> " in shown[0]
    assert rename(dataset, "--from-findings", "--report", str(report), "--apply") == 0
    assert (dataset / f"{OTHER}/anat/{OTHER}_T2w.nii.gz").exists()
    assert rename(dataset, "--from-findings", "--report", str(report)) == 0
    assert "is in the report, but no longer here" in capsys.readouterr().out


def test_wishes_that_contradict_each_other() -> None:
    pairs = [("a.json", "b.json"), ("a.json", "b.json"), ("a.json", "c.json")]
    with pytest.raises(SpinegateError, match=r"a\.json is to become b\.json and c\.json"):
        by_pairs(["a.json"], pairs)


def test_a_plan_that_was_changed(dataset: Path, tmp_path: Path, run: Run) -> None:
    for name in ("plan.tsv", "plan.yaml"):
        assert rename(dataset, "--convention", "mts-flip-mt", "--plan", str(tmp_path / name)) == 0
    plan = tmp_path / "plan.tsv"
    lines = plan.read_text().splitlines(keepends=True)
    kept = [line for line in lines if OTHER not in line]
    assert len(kept) < len(lines)
    plan.write_text("".join(kept))
    assert rename(dataset, "--from-plan", str(plan), "--apply") == 0
    told = run(dataset, "git", "log", "-1", "--format=%s")
    assert told.startswith("spinegate: rename: acq-MT")
    assert (dataset / f"{SUB}/anat/{SUB}_flip-1_mt-on_MTS.nii.gz").exists()
    assert (dataset / f"{OTHER}/anat/{OTHER}_acq-MTon_MTS.nii.gz").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "say what is to be renamed"),
        (["--file", "a", "b", "--subject", "a=b"], "by one of"),
        (["--file", "nothing.nii.gz", "b.nii.gz"], "not in the dataset"),
        (["--file", SUB, "sub-x"], f"rename the participant, by --subject {SUB}=sub-x"),
        (["--file", f"{SUB}/anat/", "b"], "is a folder: name its files one by one"),
        (["--subject", "sub-unf1=sub-x"], "sub-unf1 is not in the dataset"),
        (["--subject", f"{SUB}={OTHER}"], "is in the dataset already"),
        (["--subject", f"{SUB}=sub-a b"], "no participant"),
        (["--subject", "x"], "is not OLD=NEW"),
        (["--subject", f"{SUB}={SUB}"], "both names are the same"),
        (["--site", "unf=unf"], "both names are the same"),
        (["--site", "nobody=x"], "no participant of site 'nobody'"),
        (["--site", "unf=a/b"], "can't be a site"),
        (["--reverse", "--site", "unf=b"], "go with --convention"),
        (["--report", "x", "--site", "unf=b"], "by one of"),
        (["--undo", "--site", "unf=b"], "what the last run noted"),
        (["--undo"], "nothing to undo"),
        (["--resume"], "nothing to resume"),
        (["--file", "participants.tsv", "../x.tsv"], "leaves the dataset"),
        (["--file", f"{SUB}/dwi/{SUB}_dwi.nii.gz", f"{OTHER}/dwi/{OTHER}_dwi.nii.gz"],
         "is there already, and stays"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(
    dataset: Path,
    fingerprint: Fingerprint,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    before = fingerprint(dataset)
    assert rename(dataset, *options, *([] if "--undo" in options or "--resume" in options
                                       else ["--apply"])) == 2  # fmt: skip
    assert message in capsys.readouterr().err
    assert fingerprint(dataset) == before


def test_a_folder_without_git(phantom: Path, fingerprint: Fingerprint) -> None:
    before = fingerprint(phantom)
    image = next(phantom.glob("sub-*/anat/*_T1w.nii.gz"))
    path = str(image.relative_to(phantom))
    assert rename(phantom, "--file", path, path.replace("_T1w", "_acq-x_T1w"), "--apply") == 0
    assert not image.exists()
    assert rename(phantom, "--undo") == 0
    assert fingerprint(phantom) == before


def test_an_orphan_goes_along_and_is_told(
    dataset: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run(dataset, "sh", "-c", f"git rm -q '*{OTHER}_acq-MTon_MTS.nii.gz'")
    run(dataset, "git", "commit", "-q", "-m", "y")
    assert rename(dataset, "--convention", "mts-flip-mt") == 0
    told = capsys.readouterr().out
    assert f"{OTHER}_acq-MTon_MTS: 1 derivative will be renamed, but there is no" in told
