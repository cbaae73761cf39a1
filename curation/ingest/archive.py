"""The files of a source: a folder as it lies there, or a zip that is unpacked within bounds."""

# ruff: noqa: PTH113, PTH114, PTH118

from __future__ import annotations

import errno
import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ...system.errors import SpinegateError

FILES = 500_000
"""More files than any exam has."""

_TOTAL = 100 * 1024**3
_BLOCK = 1024 * 1024
_SPARE = 1.1
_ENCRYPTED = 0x1
_BEGIN = b"PK\3\4"


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a source: where it can be read, and its name as the sender knows it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that isn't used, and why.

    Attributes
    ----------
    bad
        Whether it should have been an image.
    series
        SeriesInstanceUID of the series that lacks it, where that can be read.
    """

    name: str
    reason: str
    bad: bool = False
    series: str = ""


def list_source(
    source: Path, work: Path, wanted: str = "the folder of the DICOM files"
) -> tuple[tuple[Found, ...], tuple[Skipped, ...]]:
    """List the files of a folder or of a zip, in the order of their names.

    A zip's members are unpacked into `work` under numbers: their own names never become paths.

    Parameters
    ----------
    wanted
        What to name instead of a file that is neither.

    Raises
    ------
    SpinegateError
        Neither a folder nor a zip, or larger than any exam.
    """
    if source.is_dir():
        found, skipped = _list_folder(source)
    elif not source.is_file():
        raise SpinegateError(f"{source}: there is no such folder or zip")
    elif zipfile.is_zipfile(source):
        found, skipped = _unpack(source, work)
    else:
        if _begins_as_zip(source):
            raise SpinegateError(
                f"{source} is a damaged zip, its end is missing: copy it or have it sent again"
            )
        raise SpinegateError(f"{source} is neither a folder nor a zip: name {wanted}")
    return tuple(sorted(found, key=lambda one: one.name)), tuple(skipped)


def _begins_as_zip(source: Path) -> bool:
    try:
        with source.open("rb") as file:
            return file.read(len(_BEGIN)) == _BEGIN
    except OSError as error:
        raise SpinegateError(f"{source}: {error.strerror}") from None


def _list_folder(source: Path) -> tuple[list[Found], list[Skipped]]:
    found, skipped = [], []
    real = os.path.realpath(source)
    for top, folders, files in os.walk(source, onerror=_refuse):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(files):
            path = os.path.join(top, name)
            shown = os.path.relpath(path, source)
            if os.path.islink(path) and not _stays(path, real):
                skipped.append(Skipped(shown, "a link that leads out of the folder"))
            elif os.path.isfile(path):
                found.append(Found(Path(path), shown))
        if len(found) > FILES:
            raise SpinegateError(f"{source} holds more than {FILES:,} files: name one exam")
    return found, skipped


def _refuse(error: OSError) -> None:
    raise SpinegateError(f"{error.filename}: {error.strerror}")


def _stays(path: str, real: str) -> bool:
    return os.path.realpath(path).startswith(real + os.sep)


def _unpack(source: Path, work: Path) -> tuple[list[Found], list[Skipped]]:
    found: list[Found] = []
    skipped: list[Skipped] = []
    target = work / "unpacked"
    target.mkdir()
    try:
        with zipfile.ZipFile(source) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            _check_size(source, members, work)
            for number, member in enumerate(members):
                path = target / f"{number:06d}"
                reason = _extract(archive, member, path)
                if reason:
                    path.unlink(missing_ok=True)
                    skipped.append(Skipped(member.filename, reason, bad=True))
                else:
                    found.append(Found(path, member.filename))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise SpinegateError(f"{source} is a damaged zip: {error}") from None
    except OSError as error:
        raise SpinegateError(f"{source} can't be unpacked: {error.strerror}") from None
    return found, skipped


def _check_size(source: Path, members: list[zipfile.ZipInfo], work: Path) -> None:
    """Refuse a bomb by what the zip itself says; no member can give more than it says."""
    if len(members) > FILES:
        raise SpinegateError(f"{source} holds more than {FILES:,} files")
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise SpinegateError(f"{source} is encrypted: unpack it, then name the folder")
    total = sum(member.file_size for member in members)
    if total > _TOTAL:
        raise SpinegateError(f"{source} would unpack to {total / 1024**3:,.0f} GiB")
    if total * _SPARE > shutil.disk_usage(work).free:
        raise SpinegateError(
            f"{source} unpacks to {total / 1024**3:.1f} GiB, more than {work} has room for"
        )


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> str:
    """Write a member's content; return why it can't be had."""
    try:
        with archive.open(member) as content, path.open("xb") as file:
            for block in _blocks(content, member.file_size):
                file.write(block)
    except (zipfile.BadZipFile, EOFError, ValueError, RuntimeError) as error:
        return f"damaged inside the zip: {error}"
    except Exception as error:  # decompressors raise errors of their own
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # a place before its start
            raise
        return f"damaged inside the zip: {type(error).__name__}"
    return ""


def _blocks(content: object, size: int) -> Iterator[bytes]:
    left = size + 1
    while left > 0:
        block: bytes = content.read(min(_BLOCK, left))  # type: ignore[attr-defined]
        if not block:
            return
        left -= len(block)
        yield block
