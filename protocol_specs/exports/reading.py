"""Finds out what an export file is, and has it read."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from ...system.errors import ConfigError
from . import ge, philips, siemens
from .export import Export

_LIMIT = 100_000_000


def read_export(path: Path) -> Export:
    """Read a vendor's protocol export.

    Parameters
    ----------
    path
        PDF, its text (.txt, .html), Siemens .exar1, Philips .ExamCard, GE LxProtocol.

    Raises
    ------
    ConfigError
        The file can't be read, or nothing in it is known.
    """
    try:
        if path.stat().st_size > _LIMIT:
            raise ConfigError("larger than 100 MB, no protocol export is", str(path))
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", str(path)) from None
    if content.startswith(b"SQLite format 3\0"):
        return siemens.read_exar(path)
    if content.startswith(b"%PDF"):
        export = read_text(pdf_text(path), str(path))
    elif path.suffix.lower() == ".edx":
        raise ConfigError(
            "a Siemens .edx archive holds no readable text; print the protocol as PDF instead",
            str(path),
        )
    else:
        export = read_text(_decoded(content, str(path)), str(path))
    if not export.steps:
        raise ConfigError(f"{export.kind}, but no scan was found in it", str(path))
    return export


def read_text(text: str, file: str) -> Export:
    """Read an export's text, whoever wrote it.

    Raises
    ------
    ConfigError
        It is none of the known exports.
    """
    if siemens.is_printout(text):
        return siemens.read_printout(text, file)
    if philips.is_exam_card(text):
        return philips.read_exam_card(text, file)
    if philips.is_dump(text):
        return philips.read_dump(text, file)
    if ge.is_lx_protocol(text):
        return ge.read_lx_protocol(text, file)
    if ge.is_report(text):
        return ge.read_report(text, file)
    raise ConfigError(
        "not a known export: a Siemens printout or exar1, a Philips ExamCard or protocol dump, "
        "a GE LxProtocol or protocol report",
        file,
    )


def pdf_text(path: Path) -> str:
    """Extract a PDF's text.

    Raises
    ------
    ConfigError
        The reader isn't installed, the file is damaged or encrypted, or holds pictures only.
    """
    try:
        from pypdf import PdfReader
    except ImportError:
        raise ConfigError(
            'reading a PDF needs pypdf: pip install "spinegate[import]", or save its text as .txt',
            str(path),
        ) from None
    try:
        reader = PdfReader(path)
        text = "\n".join(page.extract_text() for page in reader.pages)
    except Exception as e:  # what a damaged file makes of a PDF reader can't be listed
        raise ConfigError(f"this PDF can't be read: {e}", str(path)) from None
    if not text.strip():
        raise ConfigError("this PDF holds no text, perhaps it is a scan of paper", str(path))
    return text


def _decoded(content: bytes, file: str) -> str:
    encoding = "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    text = content.decode(encoding, "replace").replace("\r\n", "\n")
    if "\0" in text:
        raise ConfigError("binary data of an unknown kind", file)
    if re.match(r"\s*<(!DOCTYPE html|html)", text, re.IGNORECASE):
        text = re.sub(r"</t[rd]>|<br[^>]*>|</(?:p|div|h\d)>", _break, text, flags=re.IGNORECASE)
        text = unescape(re.sub(r"<[^>]*>", " ", text)).replace("\xa0", " ")
    return text


def _break(found: re.Match[str]) -> str:
    return " " if found[0].lower() == "</td>" else "\n"
