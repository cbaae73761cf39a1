"""Headers against nibabel, and against nonsense."""

from __future__ import annotations

import gzip
import io
import math
import struct
import zlib
from typing import Any

import nibabel
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from spinegate.validator.nifti import FIRST, HeaderError, inflate, parse_header

nib: Any = nibabel  # typed in parts
SIZES = st.floats(0.125, 10.0, width=32)
ANGLES = st.floats(-0.5, 0.5)
TURNS = st.permutations([0, 1, 2])
SIGNS = st.tuples(*[st.sampled_from([-1.0, 1.0])] * 3)


@st.composite
def affines(draw: st.DrawFn) -> Any:
    """Axes in any order and direction, tilted by less than what would change their names."""
    x, y, z = draw(ANGLES), draw(ANGLES), draw(ANGLES)
    cx, sx, cy, sy, cz, sz = *_cs(x), *_cs(y), *_cs(z)
    tilt = (
        np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        @ np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    )
    turn = np.eye(3)[draw(TURNS)] * np.array(draw(SIGNS))
    affine = np.eye(4)
    affine[:3, :3] = tilt @ turn * np.array([draw(SIZES), draw(SIZES), draw(SIZES)])
    affine[:3, 3] = [draw(st.floats(-500, 500, width=32)) for _ in range(3)]
    return affine


def _cs(angle: float) -> tuple[float, float]:
    return math.cos(angle), math.sin(angle)


@st.composite
def headers(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from([nib.Nifti1Header, nib.Nifti2Header]))
    header = kind(endianness=draw(st.sampled_from(["<", ">"])))
    shape = draw(st.lists(st.integers(1, 300), min_size=3, max_size=5))
    header.set_data_shape(shape)
    header.set_data_dtype(draw(st.sampled_from([np.uint8, np.int16, np.float32])))
    affine = draw(affines())
    header.set_zooms([*np.sqrt((affine[:3, :3] ** 2).sum(0)), *[1.5] * (len(shape) - 3)])
    header.set_xyzt_units(
        draw(st.sampled_from(["mm", "unknown"])), draw(st.sampled_from(["sec", "msec", "unknown"]))
    )
    header.set_dim_info(*draw(st.sampled_from([(None, None, None), (0, 1, 2), (1, 0, 2)])))
    header.set_qform(affine, draw(st.integers(0, 4)))
    header.set_sform(affine, draw(st.integers(0, 4)))
    return header


def stored(header: Any, zipped: bool) -> bytes:
    file = io.BytesIO()
    header["magic"] = b"n+1" if header.sizeof_hdr == 348 else b"n+2\0\r\n\032\n"
    header["vox_offset"] = header.sizeof_hdr + 4
    header.write_to(file)
    content = file.getvalue() + b"\0" * 4 + bytes(1000)
    return gzip.compress(content) if zipped else content


@given(headers(), st.booleans())
def test_agrees_with_nibabel(header: Any, zipped: bool) -> None:
    read = parse_header(stored(header, zipped)[: FIRST + 1], complete=False)
    assert read is not None
    assert read["dim"] == header["dim"].tolist()
    assert read["pixdim"] == header["pixdim"].tolist()
    assert tuple(read["shape"]) == header.get_data_shape()
    assert read["voxel_sizes"] == pytest.approx(list(header.get_zooms()[:3]))
    assert (read["qform_code"], read["sform_code"]) == (header["qform_code"], header["sform_code"])
    assert tuple(read["xyzt_units"].values()) == header.get_xyzt_units()
    assert read["datatype"] == header["datatype"]
    info = [axis - 1 if axis else None for axis in read["dim_info"].values()]
    assert tuple(info) == header.get_dim_info()
    for name, get in (("qform", header.get_qform), ("sform", header.get_sform)):
        affine, code = get(coded=True)
        if code:
            np.testing.assert_allclose(read[name], affine[:3], rtol=1e-5, atol=1e-4)
        else:
            assert read[name] is None
    if read["affine"] is None:
        assert (read["axis_codes"], header["qform_code"], header["sform_code"]) == (None, 0, 0)
    else:
        np.testing.assert_allclose(read["affine"], header.get_best_affine()[:3], 1e-5, 1e-4)
        expected = nib.aff2axcodes(header.get_best_affine())
        assert tuple(read["axis_codes"]) == expected


@given(st.binary(max_size=700), st.booleans(), st.booleans())
def test_any_bytes(content: bytes, zipped: bool, complete: bool) -> None:
    check_total(gzip.compress(content) if zipped else content, complete)


@given(
    st.sampled_from(["<", ">"]), st.sampled_from([348, 540]), st.binary(min_size=552, max_size=552)
)
def test_any_fields(order: str, size: int, content: bytes) -> None:
    raw = bytearray(content)
    struct.pack_into(order + "i", raw, 0, size)
    if size == 348:
        raw[344:348] = b"n+1\0"
        struct.pack_into(order + "8h", raw, 40, 3, 4, 5, 6, 1, 1, 1, 1)
    else:
        raw[4:12] = b"n+2\0\r\n\032\n"
        struct.pack_into(order + "8q", raw, 16, 3, 4, 5, 6, 1, 1, 1, 1)
    check_total(bytes(raw), True)


def check_total(content: bytes, complete: bool) -> None:
    try:
        read = parse_header(content, complete)
    except HeaderError:
        return
    if read is None:
        assert not complete
        return
    for row in read["affine"] or ():
        assert all(map(math.isfinite, row))
    assert all(math.isfinite(size) and size >= 0 for size in read["voxel_sizes"])
    assert len(read["shape"]) == read["dim"][0]


def plain(kind: Any = nib.Nifti1Header) -> Any:
    header = kind()
    header.set_data_shape((4, 5, 6))
    header.set_qform(np.diag([1, 2, 3, 1]), 1)
    return header


@given(st.integers(0, 347), st.booleans())
def test_cut_short(length: int, complete: bool) -> None:
    content = stored(plain(), zipped=False)[:length]
    if complete:
        with pytest.raises(HeaderError, match="ends inside its header"):
            parse_header(content, complete)
    else:
        assert parse_header(content, complete) is None


@given(st.integers(2, 200))
def test_truncated_gzip(length: int) -> None:
    content = stored(plain(), zipped=True)
    assume(length < len(content))
    whole = parse_header(content)
    assert parse_header(content[:length], complete=False) in (None, whole)
    if parse_header(content[:length], complete=False) is None:
        with pytest.raises(HeaderError, match="ends inside its header"):
            parse_header(content[:length])


def test_gzip_bomb_is_not_inflated() -> None:
    pack = zlib.compressobj(9, wbits=31)
    bomb = pack.compress(bytes(200_000_000)) + pack.flush()
    assert len(inflate(bomb)) == 540
    with pytest.raises(HeaderError, match="no NIfTI file"):
        parse_header(bomb)


def patched(form: str, offset: int, *values: Any, units: int | None = None) -> bytes:
    raw = bytearray(stored(plain(), zipped=False))
    struct.pack_into(form, raw, offset, *values)
    if units is not None:
        raw[123] = units
    return bytes(raw)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "ends inside"),
        (b"PK\x03\x04" * 200, "its first number is not the header's length"),
        (b"\x1f\x8b\x00garbage" * 50, "corrupt gzip"),
        (patched("4s", 344, b"nii\0"), "wrong magic number"),
        (patched("<h", 40, 0), "0 dimensions"),
        (patched("<h", 40, 8), "8 dimensions"),
        (patched("<h", 42, 0), "a dimension without voxels"),
        (patched("<h", 44, -3), "a dimension without voxels"),
        (patched("<f", 80, math.nan), "not finite"),
        (patched("<f", 256, math.nan), "not finite"),
        (patched("<f", 268, math.inf), "not finite"),
    ],
)
def test_faults(content: bytes, message: str) -> None:
    with pytest.raises(HeaderError, match=message):
        parse_header(content)


def test_numbers_that_are_not_used_may_be_anything() -> None:
    read = parse_header(patched("<f", 280, math.nan))  # sform, whose code is 0
    assert read is not None
    assert read["sform"] is None
    read = parse_header(patched("<f", 96, math.nan))  # pixdim[5] of three dimensions
    assert read is not None
    assert read["voxel_sizes"] == [1, 2, 3]
    read = parse_header(patched("<f", 112, math.nan))  # nibabel's word for "no scaling"
    assert read is not None
    assert read["scl_slope"] is None


@pytest.mark.parametrize(("units", "scale"), [(1, 1000.0), (2, 1.0), (3, 0.001), (0, 1.0)])
def test_everything_is_in_millimetres(units: int, scale: float) -> None:
    read = parse_header(patched("<f", 80, 2.0, units=units))
    assert read is not None
    assert read["voxel_sizes"] == pytest.approx([2 * scale, 2 * scale, 3 * scale])
    assert [read["affine"][i][i] for i in range(3)] == pytest.approx(read["voxel_sizes"])


def test_half_turn_whose_quaternion_is_rounded() -> None:
    read = parse_header(patched("<3f", 256, 1.0001, 0.0, 0.0))
    assert read is not None
    assert read["qform"][1][1] == pytest.approx(-2.0)
    assert read["axis_codes"] == ["R", "P", "I"]
