"""What a file is taken for."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spinegate.protocol_specs.exports.export import Export
from spinegate.protocol_specs.exports.reading import read_export, read_text
from spinegate.system.errors import ConfigError

PRINTOUT = "SIEMENS MAGNETOM Skyra\n\\\\a\\b\\T1w\nTA: 1:00\nTR 2000 ms\n"
LX = 'set TR "35.0"\nset TE "4.0"\nset FLIPANG "9"\n'
HTML = (
    "<!DOCTYPE html><html><table><tr><td>PATIENT POSITION</td></tr><tr><td>Patient Entry</td>"
    "<td>Head First</td></tr><tr><td>Series&nbsp;Description</td><td>T2w</td></tr>"
    "<tr><td>TR</td><td>2500.0</td></tr></table></html>"
)


def simple_pdf(text: str) -> bytes:
    """Write a one-page PDF whose lines are a text's."""
    lines = " ".join(
        "({}) Tj T*".format(line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)"))
        for line in text.splitlines()
    )
    stream = f"BT /F1 10 Tf 12 TL 20 780 Td {lines} ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for i, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    place = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        place,
    )


def read(tmp_path: Path, name: str, content: bytes) -> Export:
    """Write a file and have it read."""
    file = tmp_path / name
    file.write_bytes(content)
    return read_export(file)


@pytest.mark.parametrize(
    ("name", "content", "kind", "time"),
    [
        ("a.txt", PRINTOUT.encode(), "Siemens protocol printout", 2),
        ("a.txt", PRINTOUT.encode("utf-16"), "Siemens protocol printout", 2),
        ("a.txt", PRINTOUT.replace("\n", "\r\n").encode(), "Siemens protocol printout", 2),
        ("LxProtocol", LX.encode(), "GE LxProtocol", 0.035),
        ("a.html", HTML.encode(), "GE protocol report", 2.5),
    ],
)
def test_kinds(tmp_path: Path, name: str, content: bytes, kind: str, time: float) -> None:
    export = read(tmp_path, name, content)
    assert export.kind == kind
    assert export.steps[0].values["RepetitionTime"] == time


def test_a_pdf(tmp_path: Path) -> None:
    pytest.importorskip("pypdf")
    export = read(tmp_path, "a.pdf", simple_pdf(PRINTOUT))
    assert export.model == "Skyra"
    assert export.steps[0].values == {"RepetitionTime": 2}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"hello", "not a known export"),
        ("a.txt", b"", "not a known export"),
        ("a.bin", b"\x00\x01\x02", "binary data"),
        ("a.edx", b"x\x9c", "print the protocol as PDF"),
        ("a.txt", b"Philips MRI Protocol Dump", "no scan was found"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        read(tmp_path, name, content)
    assert name in str(caught.value)


@pytest.mark.parametrize("content", [b"%PDF-1.4", b"%PDF-1.4\ntrailer << >>\n", simple_pdf("")])
def test_a_pdf_that_holds_nothing(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("pypdf")
    with pytest.raises(ConfigError, match=r"a\.pdf: this PDF"):
        read(tmp_path, "a.pdf", content)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_export(tmp_path / "none.pdf")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([PRINTOUT, LX, HTML, "Act. TR (ms)"]), st.text(max_size=40))
def test_texts_around_an_export_never_crash(text: str, noise: str) -> None:
    for mixed in (noise + text, text + noise, text[: len(noise)] + noise):
        try:
            export = read_text(mixed, "x")
        except ConfigError:
            continue
        assert isinstance(export, Export)
