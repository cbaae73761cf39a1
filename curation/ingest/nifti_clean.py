"""The free texts of a NIfTI file emptied; every byte of the image stays as it was.

Emptied are the fields that no reader computes with (descrip, aux_file, intent_name, db_name,
data_type), header extensions, and what stands behind the image. Grid, orientation, data type and
scaling aren't touched. Compressed files come out the same from the same input.
"""

from __future__ import annotations

import gzip
import math
import os
import struct
import tempfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ...system.errors import SpinegateError

_CHUNK = 1024 * 1024
_GZIP = b"\x1f\x8b"
_LEVEL = 6
_VOXELS = 2**48  # more than any file system holds
_EXTENSIONS = 256 * 1024 * 1024
EXTENSIONS, BEHIND = "extensions", "bytes behind the image"


@dataclass(frozen=True, slots=True)
class _Form:
    """Where the fields of a version lie: offset and length in bytes; dim and others as struct."""

    size: int
    texts: Mapping[str, tuple[int, int]]
    dim: tuple[int, str]
    bits: int
    offset: tuple[int, str]
    magic: tuple[int, bytes]

    @property
    def first(self) -> int:
        """The first byte behind header and extender."""
        return self.size + 4


# NIfTI-1 and NIfTI-2 as nifti1.h and nifti2.h lay them out.
_FORMS = (
    _Form(
        348,
        {"data_type": (4, 10), "db_name": (14, 18), "descrip": (148, 80), "aux_file": (228, 24),
         "intent_name": (328, 16)},
        (40, "8h"), 72, (108, "f"), (344, b"n+1\0"),
    ),
    _Form(
        540,
        {"descrip": (240, 80), "aux_file": (320, 24), "intent_name": (508, 16)},
        (16, "8q"), 14, (168, "q"), (4, b"n+2\0"),
    ),
)  # fmt: skip
NAMES = frozenset(name for form in _FORMS for name in form.texts) | {EXTENSIONS, BEHIND}
"""All that can be emptied."""


@dataclass(frozen=True, slots=True)
class _Image:
    """A NIfTI file that is being read, up to its extensions.

    Attributes
    ----------
    start, size
        Where the image begins and how long it is, in bytes of the unpacked file.
    """

    source: IO[bytes]
    packed: bool
    form: _Form
    order: str
    header: bytes
    start: int
    size: int


def find_texts(path: Path) -> dict[str, bytes]:
    """Return what a NIfTI file holds that `clean_image` could empty, by the same names.

    Of what stands behind the image it is only said that there is something.

    Raises
    ------
    SpinegateError
        See `clean_image`.
    """
    with _opened(path) as image:
        texts = {name: _slice(image.header, place) for name, place in image.form.texts.items()}
        between = _exactly(image.source, image.start - image.form.first, path)
        texts[EXTENSIONS] = image.header[image.form.size :] + between
        texts[BEHIND] = b"..." if _has_more(image, path) else b""
    return {name: text for name, text in texts.items() if any(text)}


def clean_image(path: Path, only: Collection[str] | None = None) -> tuple[str, ...]:
    """Empty the free texts of a NIfTI file in place; return what held something.

    Parameters
    ----------
    path
        An image, .nii or .nii.gz (told by its content). A file with nothing to empty is not
        written to.
    only
        Names of what is to be emptied (see `find_texts`); None for all.

    Raises
    ------
    SpinegateError
        No single-file NIfTI, cut off, or it can't be read or written; the file is as it was then.
    """
    names = NAMES if only is None else frozenset(only)
    with _opened(path) as image:
        form, header = image.form, image.header
        texts = [
            name
            for name, place in form.texts.items()
            if name in names and any(_slice(header, place))
        ]
        clean = bytearray(header)
        for name in texts:
            at, length = form.texts[name]
            clean[at : at + length] = bytes(length)
        between = _exactly(image.source, image.start - form.first, path)
        extended = EXTENSIONS in names and any(header[form.size :] + between)
        if EXTENSIONS in names:
            between = b""
            struct.pack_into(image.order + form.offset[1], clean, form.offset[0], form.first)
            clean[form.size :] = bytes(4)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".clean.")
        try:
            with os.fdopen(handle, "wb") as target:
                behind = _write(target, image, bytes(clean) + between, BEHIND in names, path)
                target.flush()
                os.fsync(target.fileno())
            found = (
                *texts,
                *([EXTENSIONS] if extended else []),
                *([BEHIND] if behind else []),
            )
            if not found:
                Path(name).unlink()
                return ()
            Path(name).chmod(path.stat().st_mode & 0o777)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    return found


@contextmanager
def _opened(path: Path) -> Iterator[_Image]:
    """Open a file and read its header; say in words what is wrong with it."""
    try:
        with ExitStack() as stack:
            raw = stack.enter_context(path.open("rb"))
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            source: Any = stack.enter_context(gzip.open(raw)) if packed else raw
            form, order, header = _header(source, path)
            start = _start(form, order, header, path)
            size = _image_size(form, order, header, path)
            yield _Image(source, packed, form, order, header, start, size)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise SpinegateError(f"{path.name}: damaged or cut off") from None
    except OSError as error:
        raise SpinegateError(f"{path.name}: {error.strerror or error}") from None


def _has_more(image: _Image, path: Path) -> bool:
    """Whether something stands behind the image; where gzip tells the length it isn't unpacked."""
    with path.open("rb") as file:
        length = file.seek(-4 if image.packed else 0, os.SEEK_END)
        told = struct.unpack("<I", file.read(4))[0] if image.packed else length
    end = image.start + image.size
    if told == (end & 0xFFFFFFFF if image.packed else end):
        return False
    _pass(image.source, image.size, path)
    return image.source.read(1) != b""


def _header(source: IO[bytes], path: Path) -> tuple[_Form, str, bytes]:
    """Read header and extender; tell version and byte order."""
    start = _exactly(source, 4, path)
    for form in _FORMS:
        for order in "<>":
            if struct.unpack(order + "i", start)[0] == form.size:
                header = start + _exactly(source, form.size, path)
                at, magic = form.magic
                if header[at : at + 4] != magic:
                    raise SpinegateError(f"{path.name}: no NIfTI file of its own (.nii)")
                return form, order, header
    raise SpinegateError(f"{path.name}: no NIfTI file")


def _slice(header: bytes, place: tuple[int, int]) -> bytes:
    return header[place[0] : sum(place)]


def _start(form: _Form, order: str, header: bytes, path: Path) -> int:
    """Return where the image begins; 0 in some files means right behind the header."""
    (offset,) = struct.unpack_from(order + form.offset[1], header, form.offset[0])
    if not math.isfinite(offset) or not (offset == 0 or form.size <= offset <= _EXTENSIONS):
        raise SpinegateError(f"{path.name}: its image begins at an impossible place")
    return max(int(offset), form.first)


def _image_size(form: _Form, order: str, header: bytes, path: Path) -> int:
    count, *sizes = struct.unpack_from(order + form.dim[1], header, form.dim[0])
    (bits,) = struct.unpack_from(order + "h", header, form.bits)
    voxels: int = 1
    for size in sizes[:count] if 1 <= count <= 7 else [0]:
        voxels *= size
        if not 0 < voxels <= _VOXELS:
            raise SpinegateError(f"{path.name}: impossible dimensions")
    if bits <= 0:
        raise SpinegateError(f"{path.name}: no size of a voxel")
    return (voxels * int(bits) + 7) // 8


def _pass(source: IO[bytes], length: int, path: Path) -> None:
    while length > 0:
        length -= len(_exactly(source, min(length, _CHUNK), path))


def _exactly(source: IO[bytes], length: int, path: Path) -> bytes:
    content = source.read(length)
    if len(content) != length:
        raise SpinegateError(f"{path.name}: cut off")
    return content


def _write(target: IO[bytes], image: _Image, header: bytes, cut: bool, path: Path) -> bool:
    """Write the image behind a header; return whether something stood behind it and was cut."""
    size = image.size
    with ExitStack() as stack:
        out: Any = target
        if image.packed:  # no name and no time in it: the same bytes each time
            out = stack.enter_context(
                gzip.GzipFile("", "wb", compresslevel=_LEVEL, fileobj=target, mtime=0)
            )
        out.write(header)
        while size > 0:
            part = _exactly(image.source, min(size, _CHUNK), path)
            out.write(part)
            size -= len(part)
        if cut:
            return image.source.read(1) != b""
        while part := image.source.read(_CHUNK):
            out.write(part)
    return False
