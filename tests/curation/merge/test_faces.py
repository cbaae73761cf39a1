"""Images of a contribution in which a face may be seen are named for a look."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from spinegate.curation.merge.attest import Attestation
from spinegate.curation.merge.contribution import Contribution, Piece
from spinegate.curation.merge.faces import Faces, find_faces
from spinegate.curation.merge.plan import MergePlan
from spinegate.curation.merge.show import preview, stored_in_words
from spinegate.curation.merge.store import Store
from spinegate.system.git import git


def image(size: float) -> bytes:
    """The header of an image of 100 voxels of this size each way."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, 100, 100, 100, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, 2, 8)
    struct.pack_into("<8f", header, 76, 1, size, size, size, 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    struct.pack_into("<2h", header, 252, 1, 1)
    struct.pack_into("<12f", header, 280, size, 0, 0, 0, 0, size, 0, 0, 0, 0, size, 0)
    header[344:348] = b"n+1\0"
    return bytes(header)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "dataset"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "-c", "user.name=x", "-c", "user.email=x@y.z", "commit", "-q", "--allow-empty",
        "-m", "x")  # fmt: skip
    return folder


def plan(
    repository: Path, folder: Path, files: dict[str, bytes | None], said: bool | str
) -> MergePlan:
    pieces = []
    for path, content in files.items():
        place = folder / path.replace("/", "-")
        if content is not None:
            place.write_bytes(content)
        key = "SHA256E-s1--" + "a" * 64 if path.endswith(".nii") else ""
        pieces.append(Piece(path, source=place if content is not None else None, key=key))
    contribution = Contribution("from Ada", "folder", tuple(pieces))
    head = git(repository, "rev-parse", "HEAD").decode().strip()
    word = Attestation("a@b.c", "x", True, said)
    return MergePlan("x-1", "x", head, contribution, None, {}, (), word, "2026-01-01", True)


def test_who_must_be_looked_at(repository: Path, tmp_path: Path) -> None:
    record = json.dumps({"Defaced": {"Method": "ants"}}).encode()
    left = json.dumps({"Defaced": {"Method": "none", "Reason": "lumbar"}}).encode()
    files: dict[str, bytes | None] = {
        "sub-a01/anat/sub-a01_T1w.nii": image(0.1),
        "sub-a01/anat/sub-a01_T2w.nii": image(2), "sub-a01/anat/sub-a01_T2w.json": record,
        "sub-a01/anat/sub-a01_T2star.nii": image(0.5),
        "sub-a01/anat/sub-a01_FLAIR.nii": image(2),
        "sub-a01/anat/sub-a01_PDw.nii": None,
        "sub-a01/dwi/sub-a01_dwi.nii": b"no image",
        "derivatives/labels/sub-a01/anat/sub-a01_T1w_label-SC_seg.nii": image(2),
        "derivatives/prep/sub-a01/anat/sub-a01_desc-x_T1w.nii": image(2),
        "sub-b01/anat/sub-b01_T2w.nii": image(2), "sub-b01/anat/sub-b01_T2w.json": left,
    }  # fmt: skip
    given = plan(repository, tmp_path, files, True)
    found = find_faces(repository, given)
    assert [path.rpartition("_")[2] for path, _ in found.looks] == [
        "T1w.nii", "FLAIR.nii", "T1w.nii", "T2w.nii"
    ]  # fmt: skip
    assert "200 mm high" in dict(found.looks)["sub-a01/anat/sub-a01_FLAIR.nii"]
    assert found.looks[-1][1].endswith("its sidecar says that it was left: lumbar")
    assert found.unread == ("sub-a01/anat/sub-a01_PDw.nii",)
    text = "\n".join(preview(given, None, found))
    assert "only the contributor says that they are defaced (4):" in text
    assert "1 more image can only be judged" in text
    words = plan(repository, tmp_path, files, "lumbar images")
    assert "as the contributor says: lumbar images" in "\n".join(preview(words, None, found))
    assert "Look at" not in "\n".join(preview(given, None, Faces()))


def test_what_is_said_of_the_contents_is_what_was_done() -> None:
    assert "everybody" in stored_in_words(Store("open", "1", public=True), read_back=True)
    told = stored_in_words(Store("ours", "1", public=False), read_back=False)
    assert "ours, which isn't public" in told
    assert "none was read back" in told
