from __future__ import annotations

import gzip
import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spinegate.curation.deface.apply import proper, remove
from spinegate.curation.deface.volume import Volume, read_volume, write_volume
from spinegate.system.errors import SpinegateError

nib: Any = importlib.import_module("nibabel")
KINDS = ["u1", "i1", "<i2", ">i2", "<u2", "<i4", ">f4", "<f4", "<f8", "<c8"]


def written(path: Path, values: Any, slope: float = 1, inter: float = 0, kind: str = "") -> Path:
    header = nib.Nifti1Header(endianness=">" if kind.startswith(">") else "<")
    header.set_data_dtype(values.dtype)
    header.set_data_shape(values.shape)
    header["scl_slope"], header["scl_inter"] = slope, inter
    header["vox_offset"], header["sform_code"], header["magic"] = 384, 1, b"n+1"
    header["descrip"] = b"as the scanner wrote it"
    header["srow_x"], header["srow_y"] = (-2, 0, 0.3, 9), (0, 2, 0, -7)
    header["srow_z"] = (0.1, 0, 3, 1)
    head = (
        header.binaryblock + b"\x01\0\0\0" + b"\x20\0\0\0\x06\0\0\0" + b"a comment, 24 bytes long"
    )
    body = head + values.tobytes(order="F")
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    slope=st.sampled_from([0.0, 1.0, 0.5, -2.0, 0.001, float("nan")]),
    inter=st.sampled_from([0.0, -1024.0, 100.0, 3.3]),
    volumes=st.sampled_from([(), (1,), (3,)]),
    seed=st.integers(0, 99),
    suffix=st.sampled_from([".nii", ".nii.gz"]),
)
def test_nothing_but_the_mask_changes(
    kind: str,
    slope: float,
    inter: float,
    volumes: tuple[int, ...],
    seed: int,
    suffix: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("volume")
    rng = np.random.default_rng(seed)
    dtype = np.dtype(kind)
    size = int(np.prod((4, 3, 5, *volumes)))
    stored = np.frombuffer(rng.bytes(size * dtype.itemsize), dtype).reshape((4, 3, 5, *volumes))
    source = written(folder / f"a{suffix}", stored, slope, inter, kind)
    mask = rng.random((4, 3, 5)) < 0.4
    before = read_volume(source)
    remove(before, mask, folder / f"b{suffix}")
    remove(before, mask, folder / f"c{suffix}")
    assert (folder / f"b{suffix}").read_bytes() == (folder / f"c{suffix}").read_bytes()
    one, other = (
        gzip.decompress(p.read_bytes()) if suffix == ".nii.gz" else p.read_bytes()
        for p in (source, folder / f"b{suffix}")
    )
    assert one[:384] == other[:384]
    assert len(one) == len(other)
    after = np.frombuffer(other, f"V{dtype.itemsize}", offset=384).reshape(stored.shape, order="F")
    assert (after[~mask] == stored.view(f"V{dtype.itemsize}")[~mask]).all()
    assert len(np.unique(after[mask])) <= 1
    if mask.any() and dtype.kind == "f":
        real = read_volume(folder / f"b{suffix}").values()[mask]
        assert np.abs(real).max() < 0.01


@pytest.mark.parametrize(
    ("kind", "slope", "inter", "background"),
    [
        ("i2", 2.0, -1024.0, 512),
        ("u1", 1.0, 5.0, 0),
        ("u1", 1.0, -300.0, 255),
        ("i2", 0.0, 7.0, 0),
        ("f4", 0.5, -1.0, 2.0),
        ("i2", 1e-30, 1.0, -32768),
    ],
)
def test_background_is_the_stored_number_nearest_to_zero(
    kind: str, slope: float, inter: float, background: float, tmp_path: Path
) -> None:
    source = written(tmp_path / "a.nii", np.ones((2, 2, 2), kind), slope, inter)
    assert read_volume(source).background == background


def test_colours_have_a_background(tmp_path: Path) -> None:
    colour = np.zeros((2, 2, 2), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    volume = Volume(b"", colour, np.eye(4), True, 1, 0)
    assert volume.background.tobytes() == b"\0\0\0"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda b: b[:100], "no NIfTI image|can't be read"),
        (lambda b: b"", "no NIfTI image"),
        (lambda b: b"\x1f\x8b" + b[2:], "can't be read"),
        (lambda b: gzip.compress(b)[:-30], "can't be read|cut off"),
        (lambda b: b[:-3], "cut off: 3 bytes"),
        (lambda b: b[:344] + b"ni1\0" + b[348:], "only single NIfTI files"),
        (lambda b: b[:40] + b"\7\0" + b"\xff\x7f" * 7 + b[56:], "too many"),
        (lambda b: b[:40] + b"\2\0" + b[42:], "three axes"),
        (lambda b: b[:40] + b"\3\0\0\0" + b[44:], "three axes"),
        (lambda b: b[:70] + b"\xe7\x03" + b[72:], "header can't be read"),
        (lambda b: b[:280] + b"\0" * 48 + b[328:], "don't say where"),
        (lambda b: b[:116] + np.float32("nan").tobytes() + b[120:], "scl_inter"),
        (lambda b: b[:108] + np.float32("nan").tobytes() + b[112:], "header can't be read"),
        (lambda b: b[:108] + np.float32(1e9).tobytes() + b[112:], "only single NIfTI files"),
    ],
)
def test_what_strangers_send_is_refused_in_words(
    change: Any, message: str, tmp_path: Path
) -> None:
    source = written(tmp_path / "a.nii", np.ones((4, 4, 4), "i2"))
    source.write_bytes(change(source.read_bytes()))
    with pytest.raises(SpinegateError, match=message):
        read_volume(source)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SpinegateError, match=r"none\.nii"):
        read_volume(tmp_path / "none.nii")


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    source = written(tmp_path / "a.nii", np.ones((4, 4, 4), "i2"))
    before = read_volume(source)
    mask = np.zeros((4, 4, 4), bool)
    mask[0] = True
    assert not proper(before, before, mask)
    wrong = before.stored.copy()
    wrong[0] = 0
    wrong[2, 2, 2] = 5
    write_volume(tmp_path / "b.nii", before.head, wrong)
    assert not proper(before, read_volume(tmp_path / "b.nii"), mask)


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    source = read_volume(written(tmp_path / "a.nii", np.ones((4, 4, 4), "i2")))
    with pytest.raises(SpinegateError, match="can't be written"):
        remove(source, np.ones((4, 4, 4), bool), tmp_path / "none" / "b.nii")
