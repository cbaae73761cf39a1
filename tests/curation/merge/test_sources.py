"""What is read of folders, zips, attestations and tables, without any repository."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from spinegate.curation.merge.attest import (
    Record,
    format_record,
    read_attestation,
    read_record,
    record_path,
)
from spinegate.curation.merge.collisions import find_collisions, find_duplicates
from spinegate.curation.merge.columns import map_columns, rename_columns, with_id
from spinegate.curation.merge.contribution import Piece, refusal
from spinegate.curation.merge.folder import read_folder
from spinegate.curation.merge.rows import read_people
from spinegate.system.errors import ConfigError, SpinegateError
from tests.curation.merge.world import ATTESTATION


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    return folder


@pytest.mark.parametrize("top", ["", "data", "a/b", "derivatives-of-ada"])
def test_the_top_folder_is_found(tmp_path: Path, top: str) -> None:
    names = ("sub-a01/anat/sub-a01_T1w.json", "sourcedata/sub-a01/anat/sub-a01_T1w.json",
             "derivatives/labels/sub-a01/anat/sub-a01_T1w_seg.json")  # fmt: skip
    fill(tmp_path / "sent" / top, *names, "participants.tsv", "README")
    found = read_folder(tmp_path / "sent", tmp_path)
    assert sorted(piece.path for piece in found.pieces) == sorted(names)
    assert found.people == b"{}"
    assert found.left == (("README", "it isn't data of a participant"),)


@pytest.mark.parametrize(
    "name",
    [
        "../sub-a01/x.json", "/sub-a01/x.json", "sub-a01/../../x.json", "sub-a01//x.json",
        "sub-a01/.git/config.json", "sub-a01/.gitattributes", ".gitattributes", "x.json",
        "sub-a01/anat/run.sh", "sub-a01/anat/a b.json", "sub-a01/anat/a\n.json", "sub-a01.json",
        "sub-a01/anat/-x.json", "derivatives/labels/x.json", "code/sub-a01/x.json",
        "sub-a01/anat/\u202ex.json", "sub-a01/" + "x" * 300 + ".json", "sub-a01/.GIT/x.json",
        "derivatives/.git/sub-a01/x.json",
    ],
)  # fmt: skip
def test_names_that_stay_outside(name: str) -> None:
    assert refusal(name)


def test_a_zip_that_would_leave_its_folder(tmp_path: Path) -> None:
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("sub-a01/anat/sub-a01_T1w.json", "{}")
        members.writestr("../../outside.json", "{}")
        members.writestr("/etc/sub-a01/outside.json", "{}")
        link = zipfile.ZipInfo("sub-a01/anat/sub-a01_T2w.json")
        link.external_attr = 0o120777 << 16
        members.writestr(link, "/etc/passwd")
    work = tmp_path / "work"
    work.mkdir()
    found = read_folder(archive, work)
    assert all(piece.source and work in piece.source.parents for piece in found.pieces)
    assert not any(piece.source and piece.source.is_symlink() for piece in found.pieces)
    assert {path.name for path in tmp_path.iterdir()} == {"x.zip", "work"}


def test_names_that_differ_in_case_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as members:
        for name in ("sub-a01/anat/sub-a01_T1w.json", "sub-A01/anat/sub-a01_T1w.json"):
            members.writestr(name, "{}")
    found = read_folder(tmp_path / "x.zip", tmp_path)
    assert "differ in case alone" in found.problems[0].message


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_text(ATTESTATION.replace("defaced: true", "defaced: 'no face: lumbar images'"))
    said = read_attestation(file, "Eve <eve@site.example>")
    assert said.contact == "Eve <eve@site.example>"
    record = Record("x-1", "x: #y", "2026-01-31", "a\u2028b \u202e", ("sub-a01",), said)
    content = format_record(record, {"files": 3})
    found = read_record(content, record_path("x-1"))
    assert (found.site, found.attestation, found.participants) == ("x: #y", said, ("sub-a01",))
    for line in content.splitlines():
        key = line.partition(b":")[0]
        if key in (b"files", b"id", b"source"):
            continue
        with pytest.raises(ConfigError):
            read_record(content.replace(line, key + b": {}"), "x")


def test_no_attestation_says_how_one_looks() -> None:
    with pytest.raises(ConfigError, match="ethics_approval"):
        read_attestation(None, "x@y.z")


def pieces(*names: str) -> list[Piece]:
    return [Piece(name) for name in names]


def test_collisions() -> None:
    known = ["sub-a01/anat/x.json", "sub-b01/ses-1/anat/x.json", "derivatives/l/sub-c01/x.json"]

    def told(*names: str) -> list[str]:
        return [f"{p.path} {p.message}" for p in find_collisions(pieces(*names), known, {})]

    assert told("sub-a02/anat/x.json", "sub-c01/anat/x.json", "sub-b01/ses-2/anat/x.json") == []
    assert "sub-a01=sub-a03" in told("sub-a01/dwi/y.json", "sub-a02/dwi/y.json")[0]
    (problem,) = find_collisions(pieces("sub-a01/dwi/y.json"), known, {}, "/my/site")
    assert "spinegate curate rename /my/site --subject sub-a01=sub-a02 --apply" in problem.message
    assert "in case alone from sub-a01" in told("sub-A01/dwi/y.json")[0]
    assert len(told("sourcedata/sub-b01/ses-1/anat/z.json")) == 1
    assert find_collisions([Piece("sub-a01/anat/x.json", new=False)], known, {}) == []


def test_duplicates() -> None:
    one = "SHA256E-s3--" + "a" * 64
    raw, root = "sourcedata/sub-a01/dwi/x.nii.gz", "sub-a01/dwi/x.nii.gz"
    twins = [Piece(raw, key=f"{one}.nii.gz"), Piece(root, key=f"{one}.nii.gz")]
    assert find_duplicates(twins, {}) == []
    found = find_duplicates(twins, {"sub-b01/dwi/x.nii": f"{one.replace('256E', '256')}"})
    assert {problem.path for problem in found} == {raw, root}
    other = [*twins, Piece("sub-a01/dwi/y.nii.gz", key=f"{one}.nii.gz")]
    assert [problem.path for problem in find_duplicates(other, {})] == ["sub-a01/dwi/y.nii.gz"]


def test_columns_are_matched() -> None:
    ours = read_people(b"participant_id\tsex\tage\tnotes\nsub-a01\tM\t3\tx\n")
    content = with_id(b"Subject ID\tGender\tAge\tshoe\nsub-b01\tF\t4\t5\n", {})
    theirs = read_people(content)
    mapping, left = map_columns(theirs, ours, {"shoe": "notes"})
    assert (mapping["Gender"], mapping["Age"], mapping["shoe"], left) == (
        "sex",
        "age",
        "notes",
        [],
    )
    renamed = rename_columns(theirs, mapping).rows["sub-b01"]
    assert renamed == {"participant_id": "sub-b01", "sex": "F", "age": "4", "notes": "5"}
    with pytest.raises(SpinegateError):
        map_columns(theirs, ours, {"nothing": "age"})
    with pytest.raises(SpinegateError):
        map_columns(theirs, ours, {"Age": "nothing"})
