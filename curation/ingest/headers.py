"""DICOM headers from strangers: read within bounds; what can't be read is missing, no crash."""

from __future__ import annotations

import importlib
import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...system.errors import SpinegateError

ELEMENT = 16 * 1024 * 1024  # bytes; no real header holds a larger one before the pixels
_TEXT = 4096
_NUMBERS = 4096
_START = 1024  # bytes, in which a file says how it is packed
_RAW = (b"\x08\x00", b"\x02\x00")  # files without the preamble, as old scanners write them
_DEFLATED = (
    b"1.2.840.10008.1.2.1.99"  # unpacked whole by pydicom: a small file may fill the memory
)


class HeaderError(SpinegateError):
    """A file that is no DICOM file, or one that can't be read."""


def pydicom() -> Any:
    """Import pydicom.

    Raises
    ------
    SpinegateError
        It isn't installed.
    """
    try:
        return importlib.import_module("pydicom")
    except ImportError:
        raise SpinegateError(
            "reading DICOM needs pydicom: pip install 'spinegate[curate]'"
        ) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what pydicom says of odd values to itself: it would repeat them, names too."""
    log = logging.getLogger("pydicom")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def read_header(path: Path, only: Sequence[Any] | None = None) -> Any:
    """Read the header of a DICOM file, without its pixels.

    Parameters
    ----------
    path
        The file.
    only
        Keywords or tags of the elements to read; None for all.

    Raises
    ------
    HeaderError
        Not DICOM, broken, or of a form that no scanner writes.
    """
    tool = pydicom()
    wanted = None if only is None else list(only)
    with quiet(), tool.config.disable_value_validation():
        try:
            with path.open("rb") as file:
                start = file.read(_START)
                marked = start[128:132] == b"DICM"
                if not marked and start[:2] not in _RAW:
                    raise HeaderError(f"{path.name}: no DICOM file")
                if _DEFLATED in start:
                    raise HeaderError(f"{path.name}: deflated DICOM files aren't read")
            header = tool.dcmread(
                path, stop_before_pixels=True, specific_tags=wanted, defer_size=ELEMENT,
                force=not marked,
            )  # fmt: skip
        except (SpinegateError, MemoryError):
            raise
        except OSError as error:
            raise HeaderError(f"{path.name}: {error.strerror or 'cannot be read'}") from None
        except Exception as error:  # pydicom raises whatever a broken file makes it raise
            raise HeaderError(f"{path.name}: damaged ({type(error).__name__})") from None
    if not len(header):
        raise HeaderError(f"{path.name}: no DICOM file")
    return header


def value_of(header: Any, tag: Any) -> Any:
    """Return the value of an element by keyword or tag; None where it is missing or broken."""
    with quiet():
        try:
            if tag not in header:
                return None
            return header[tag].value
        except Exception:  # a value that pydicom can't make sense of
            return None


def private_value(header: Any, group: int, creator: str, offset: int) -> Any:
    """Return the value of a private element; None where it is missing or broken."""
    with quiet():
        try:
            return header.private_block(group, creator)[offset].value
        except Exception:  # no such block or element, or a value that can't be read
            return None


def words_of(value: Any) -> list[str]:
    """Return a value of text as its parts, without control characters."""
    if value is None or isinstance(value, bytes):
        return []
    parts = [value] if isinstance(value, str) or not _is_sequence(value) else list(value)
    found = []
    for part in parts[:_NUMBERS]:
        text = "".join(char if char.isprintable() else " " for char in str(part)[:_TEXT]).strip()
        if text:
            found.append(text)
    return found


def text_of(value: Any) -> str:
    r"""Return a value as one text, its parts joined by \ as in the file."""
    return "\\".join(words_of(value))


def number_of(value: Any) -> float | None:
    """Return a value as a finite number; None where it is none."""
    found = numbers_of(value)
    return found[0] if found and len(found) == 1 else None


def numbers_of(value: Any, count: int = 0) -> list[float] | None:
    """Return a value as finite numbers, exactly so many if asked; None where it isn't so."""
    if value is None or isinstance(value, bytes):
        return None
    parts = list(value)[: _NUMBERS + 1] if _is_sequence(value) else [value]
    if not parts or len(parts) > _NUMBERS or (count and len(parts) != count):
        return None
    numbers = []
    for part in parts:
        try:
            number = float(part)
        except (TypeError, ValueError, OverflowError, ArithmeticError):
            return None
        if not math.isfinite(number):
            return None
        numbers.append(number)
    return numbers


def plain(number: float) -> int | float:
    """Return a number as dcm2niix writes it: 2, not 2.0."""
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def plain_list(numbers: Sequence[float]) -> list[int | float]:
    """Return numbers as dcm2niix writes them."""
    return [plain(number) for number in numbers]


def items_of(value: Any) -> list[Any]:
    """Return the items of a sequence; of very many the first."""
    with quiet():
        try:
            return list(value)[:_NUMBERS] if _is_sequence(value) else []
        except Exception:  # an item that can't be read
            return []


def shared_value(header: Any, macro: str, tag: Any) -> Any:
    """Return an element of an enhanced header's functional groups: shared, else of frame one."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in items_of(value_of(header, groups))[:1]:
            for item in items_of(value_of(group, macro))[:1]:
                found = value_of(item, tag)
                if found is not None:
                    return found
    return None


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)
