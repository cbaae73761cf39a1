"""The plan as a table that a person changes and gives back."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from spinegate.curation.ingest import workplace
from spinegate.curation.ingest.plan import IngestPlan, Target, make_plan
from spinegate.curation.ingest.plan_file import read_ingest_plan, write_ingest_plan
from spinegate.curation.ingest.reading import read_source
from spinegate.curation.ingest.session import check_names
from spinegate.protocol_specs.loader import load_spec
from spinegate.system.errors import SpinegateError

from .conftest import NO_FACE, Ingest

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def plan(exams: Path, tmp_path_factory: pytest.TempPathFactory) -> IngestPlan:
    """The plan of the GE exam, as a value."""
    reading = read_source(exams / "geA01", tmp_path_factory.mktemp("work"), lambda text: None)
    return make_plan(reading.images, load_spec(), Target("geA01"))


@pytest.fixture
def planned(exams: Path, dataset: Path, ingest: Ingest, tmp_path: Path) -> Path:
    """The plan of the GE exam."""
    file = tmp_path / "plan.tsv"
    status, _, told = ingest(exams / "geA01", dataset, "--subject", "geA01", "--plan", file)
    assert status == 0
    assert "read it, change it, then --from-plan it" in told
    return file


def test_yaml_where_the_name_says_so(plan: IngestPlan, tmp_path: Path) -> None:
    file, table = tmp_path / "plan.yaml", tmp_path / "plan.tsv"
    write_ingest_plan(plan, file)
    write_ingest_plan(plan, table)
    spec = load_spec()
    taken = read_ingest_plan(file, plan, spec)
    assert [row.apply for row in taken.rows] == [row.apply for row in plan.rows]
    assert {row.name: row.path for row in taken.rows} == {
        row.name: row.path for row in read_ingest_plan(table, plan, spec).rows
    }
    file.write_text(file.read_text().replace("apply: yes", "apply: no"))
    assert not read_ingest_plan(file, plan, spec).chosen


def load(file: Path) -> Rows:
    with file.open() as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def save(file: Path, rows: Rows) -> None:
    with file.open("w") as lines:
        writer = csv.DictWriter(lines, list(rows[0]), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def find(rows: Rows, ending: str) -> dict[str, str]:
    return next(row for row in rows if row["path"].endswith(ending))


def test_what_it_says(planned: Path) -> None:
    rows = load(planned)
    assert len(rows) == 7
    assert planned.stat().st_mode & 0o077 == 0
    row = find(rows, "_T2w.nii.gz")
    assert (row["apply"], row["op"], row["contrast"]) == ("yes", "convert", "T2w")
    assert row["path"] == "sub-geA01/anat/sub-geA01_T2w.nii.gz"
    assert row["series"].startswith("3-")
    assert "a spin echo" in row["reason"]


def test_a_changed_plan_is_what_is_done(
    planned: Path, exams: Path, dataset: Path, ingest: Ingest
) -> None:
    rows = load(planned)
    find(rows, "_T2w.nii.gz")["apply"] = "no"
    one, other = find(rows, "mt-on_MTS.nii.gz"), find(rows, "mt-off_MTS.nii.gz")
    one["path"], other["path"] = other["path"], one["path"]
    star = find(rows, "_T2star.nii.gz")
    star["path"] = star["path"].replace("_T2star", "_run-01_T2star")
    rows.remove(find(rows, "_dwi.nii.gz"))
    save(planned, rows)
    argv = (exams / "geA01", dataset, "--subject", "geA01", "--from-plan", planned)
    status, said, _ = ingest(*argv, "--apply", "--despite-errors", *NO_FACE)
    assert status == 0
    assert "not in the plan that was given" in said
    have = {path.name for path in (dataset / "sub-geA01").rglob("*.nii.gz")}
    assert have == {
        "sub-geA01_T1w.nii.gz",
        "sub-geA01_run-01_T2star.nii.gz",
        "sub-geA01_flip-1_mt-on_MTS.nii.gz",
        "sub-geA01_flip-1_mt-off_MTS.nii.gz",
        "sub-geA01_flip-2_mt-off_MTS.nii.gz",
    }
    swapped = dataset / "sub-geA01" / "anat" / "sub-geA01_flip-1_mt-on_MTS.json"
    assert '"MTState": true' in swapped.read_text()
    assert '"SeriesNumber": 6' in swapped.read_text()


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("path", "../../etc/x.nii.gz", "is not the BIDS name"),
        ("path", "/tmp/sub-geA01_T2w.nii.gz", "is not the BIDS name"),
        ("path", "sub-geA01/../sub-x/anat/sub-x_T2w.nii.gz", "is not the BIDS name"),
        ("path", "sub-x/anat/sub-x_T2w.nii.gz", "doesn't lie in sub-geA01/"),
        ("path", "sub-geA01/anat/sub-x_T2w.nii.gz", "names another participant"),
        ("path", "sub-geA01/anat/sub-geA01_ses-1_T2w.nii.gz", "names another participant"),
        ("path", "sub-geA01/anat/sub-geA01_T2w.json", "is not the BIDS name"),
        ("path", "sub-geA01/anat/sub-geA01_T1w.nii.gz", "would both become"),
        ("path", "", "needs a name in path"),
        ("apply", "perhaps", "apply must be yes or no"),
        ("op", "rename", "op is always 'convert'"),
        ("series", "3-00000000", "the source holds no series '3-00000000'"),
    ],
)
def test_what_a_plan_may_not_say(
    plan: IngestPlan, dataset: Path, tmp_path: Path, key: str, value: str, words: str
) -> None:
    file = tmp_path / "plan.tsv"
    write_ingest_plan(plan, file)
    rows = load(file)
    find(rows, "_T2w.nii.gz")[key] = value
    save(file, rows)
    with pytest.raises(SpinegateError) as error:
        check_names(read_ingest_plan(file, plan, load_spec()), dataset)
    assert words in str(error.value)


def test_what_is_written_is_read(plan: IngestPlan, tmp_path: Path) -> None:
    write_ingest_plan(plan, tmp_path / "p.tsv")
    found = read_ingest_plan(tmp_path / "p.tsv", plan, load_spec())
    assert [(row.path, row.apply, row.contrast) for row in found.rows] == [
        (row.path, row.apply, row.contrast) for row in plan.rows
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"a\tb\n1\t2\n", "'op'"), (b"\xff\xfe", "UTF-8")],
)
def test_a_plan_that_is_no_plan(
    plan: IngestPlan, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(SpinegateError, match=words):
        read_ingest_plan(tmp_path / "p", plan, load_spec())


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0.6, 1.2, 1.8])
def test_a_killed_run_leaves_nothing_behind(
    delay: float,
    exams: Path,
    dataset: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fingerprint: Callable[[Path], dict[str, str]],
) -> None:
    before = fingerprint(dataset)
    room = tmp_path / "tmp"
    room.mkdir()
    monkeypatch.setenv("TMPDIR", str(room))
    command = [sys.executable, "-m", "spinegate", "curate", "ingest", str(exams / "philipsA01")]
    with subprocess.Popen(
        [*command, str(dataset), "--subject", "x"], stdout=subprocess.DEVNULL, stderr=-3
    ) as child:
        time.sleep(delay)
        child.send_signal(signal.SIGKILL)
    assert fingerprint(dataset) == before
    time.sleep(0.5)  # its dcm2niix may live a little longer
    workplace.remove_stale(room)
    assert list(room.iterdir()) == []


def test_a_folder_in_use_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with workplace.workplace() as one, workplace.workplace() as other:
        assert one.is_dir()
        assert other.is_dir()
        assert one.stat().st_mode & 0o077 == 0
        (tmp_path / "spinegate-work-x").symlink_to(one)
        workplace.remove_stale(tmp_path)
        assert one.is_dir()
    assert not one.exists()
