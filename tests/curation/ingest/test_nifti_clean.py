"""Free texts of NIfTI files are emptied; every byte of the image stays."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spinegate.curation.ingest.nifti_clean import clean_image
from spinegate.system.errors import SpinegateError

SECRET = b"Smith^John 1980-03-12"


def make(
    path: Path, kind: Any = nibabel.Nifti1Image, order: str = "<", secret: bool = True
) -> Path:
    rng = np.random.default_rng(1)
    data = rng.integers(-999, 999, (5, 4, 3)).astype(f"{order}i2")
    affine = np.array([[-1, 0.1, 0, 5], [0, 2, 0, 6], [0, 0, 3, 7], [0, 0, 0, 1]])
    image = kind(data, affine, kind.header_class(endianness=order))
    header = image.header
    header.set_slope_inter(2.5, -3)
    header.set_qform(affine, 1)
    header.set_sform(affine, 2)
    if secret:
        for field in ("descrip", "aux_file", "intent_name"):
            header[field] = SECRET[:16]
        if kind is nibabel.Nifti1Image:
            header["db_name"], header["data_type"] = SECRET[:18], SECRET[:10]
        header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", SECRET * 9))
    image.to_filename(path)
    return path


def unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


KINDS = [
    (kind, order, ending)
    for kind in (nibabel.Nifti1Image, nibabel.Nifti2Image)
    for order in "<>"
    for ending in (".nii", ".nii.gz")
]


@pytest.mark.parametrize(("kind", "order", "ending"), KINDS)
def test_texts_go_and_the_image_stays(tmp_path: Path, kind: Any, order: str, ending: str) -> None:
    path = make(tmp_path / f"x{ending}", kind, order)
    before: Any = nibabel.load(path)
    start = unpacked(path)
    raw = start[int(before.dataobj.offset) :]
    voxels = np.asarray(before.dataobj)
    fields = {"descrip", "aux_file", "intent_name", "extensions"}
    if kind is nibabel.Nifti1Image:
        fields |= {"db_name", "data_type"}
    assert set(clean_image(path)) == fields
    assert SECRET[:8] not in unpacked(path)
    after: Any = nibabel.load(path)
    assert unpacked(path)[int(after.dataobj.offset) :] == raw
    assert np.array_equal(np.asarray(after.dataobj), voxels)
    assert not after.header.extensions
    size = 348 if kind is nibabel.Nifti1Image else 540
    changed = {"descrip", "aux_file", "intent_name", "db_name", "data_type", "vox_offset"}
    one, two = (
        np.frombuffer(c[:size], before.header.template_dtype) for c in (start, unpacked(path))
    )
    for name in one.dtype.names or ():
        if name not in changed:
            assert one[name].tobytes() == two[name].tobytes(), name
    assert np.array_equal(before.affine, after.affine)
    assert (after.dataobj.slope, after.dataobj.inter) == (2.5, -3)


def test_a_file_with_nothing_to_empty_is_left_alone(tmp_path: Path) -> None:
    path = make(tmp_path / "x.nii.gz", secret=False)
    clean_image(path)
    content, when = path.read_bytes(), path.stat().st_mtime_ns
    assert clean_image(path) == ()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (content, when)
    assert os.listdir(tmp_path) == ["x.nii.gz"]


def test_the_same_image_gives_the_same_file(tmp_path: Path) -> None:
    one, two = make(tmp_path / "one.nii.gz"), make(tmp_path / "two.nii.gz")
    two.write_bytes(gzip.compress(unpacked(two), 1, mtime=12345))
    assert one.read_bytes() != two.read_bytes()
    clean_image(one)
    clean_image(two)
    assert one.read_bytes() == two.read_bytes()
    assert b"one" not in one.read_bytes()[:40]
    assert struct.unpack("<I", one.read_bytes()[4:8]) == (0,)


def test_what_hides_behind_the_image_goes(tmp_path: Path) -> None:
    path = make(tmp_path / "x.nii", secret=False)
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(SECRET)
    assert clean_image(path) == ("bytes behind the image",)
    assert path.stat().st_size == size


def test_rights_stay(tmp_path: Path) -> None:
    path = make(tmp_path / "x.nii.gz")
    path.chmod(0o640)
    clean_image(path)
    assert path.stat().st_mode & 0o777 == 0o640


def broken(content: bytes, at: int, form: str, *values: Any) -> bytes:
    changed = bytearray(content)
    struct.pack_into(form, changed, at, *values)
    return bytes(changed)


@pytest.mark.parametrize(
    "edit",
    [
        lambda c: b"",
        lambda c: b"junk" * 200,
        lambda c: c[:300],
        lambda c: c[:-1],
        lambda c: broken(c, 108, "<f", float("nan")),
        lambda c: broken(c, 108, "<f", 1e30),
        lambda c: broken(c, 108, "<f", -5.0),
        lambda c: broken(c, 40, "<4h", 3, -5, 4, 3),
        lambda c: broken(c, 40, "<h", 9),
        lambda c: broken(c, 72, "<h", 0),
        lambda c: broken(c, 344, "4s", b"ni1\0"),
        lambda c: gzip.compress(c)[:-20],
        lambda c: gzip.compress(c)[:40] + b"\xff" * 99,
        lambda c: b"\x1f\x8b",
    ],
)
def test_a_file_that_can_not_be_read_is_as_it_was(tmp_path: Path, edit: Any) -> None:
    path = make(tmp_path / "x.nii")
    content = edit(path.read_bytes())
    path.write_bytes(content)
    with pytest.raises(SpinegateError, match=r"^x\.nii: "):
        clean_image(path)
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["x.nii"]


def test_a_packed_bomb_ends_where_the_image_ends(tmp_path: Path) -> None:
    path = make(tmp_path / "x.nii")
    content = path.read_bytes()
    path.write_bytes(gzip.compress(content + bytes(50 * 2**20)))
    assert "bytes behind the image" in clean_image(path)
    assert len(unpacked(path)) < len(content)


@given(at=st.integers(0, 400), noise=st.binary(min_size=1, max_size=12), packed=st.booleans())
def test_any_damage_is_an_error_in_words_or_none(
    tmp_path_factory: pytest.TempPathFactory, at: int, noise: bytes, packed: bool
) -> None:
    folder = tmp_path_factory.mktemp("noise")
    path = make(folder / "x.nii")
    content = bytearray(path.read_bytes())
    if packed:
        content = bytearray(gzip.compress(bytes(content)))
        at %= len(content)
    content[at : at + len(noise)] = noise
    path.write_bytes(content)
    try:
        clean_image(path)
    except SpinegateError:
        assert path.read_bytes() == bytes(content)
    assert os.listdir(folder) == ["x.nii"]
