"""Philips: ExamCard files, and the protocol dump printed from them."""

from __future__ import annotations

import base64
import binascii
import re
import struct

from .export import Export, Setting, Step

# An ExamCard is SOAP text; the parameters of a scan are one base64 block: eight 32-bit numbers,
# the last of them the count, then entries of 50 bytes (name, type, count, 0, distance to the
# value from this field). This was found by reading real files; it is not a published format.
_HEAD = 32
_ENTRY = 50
_TYPES = {0: "f", 1: "i", 4: "i"}
_PROCEDURE = re.compile(r"<a\d+:ScanProcedure id=.*?</a\d+:ScanProcedure>", re.DOTALL)
_BLOCK = re.compile(r'id="(ref-\d+)"[^>]*base64">([A-Za-z0-9+/=\s]+)<')
_NAME = re.compile(r"<name id=\"[^\"]*\">([^<]+)<")
_DATA = re.compile(r'<parameterData href="#(ref-\d+)"')
_CARD_UNREAD = "geometry, shim, SENSE, preparation pulses, and times that are set to shortest"

_DUMPED: dict[str, tuple[str, float]] = {
    "RepetitionTime": (r"Act\. TR(?:/TE1?[^(]*)? ?\n?\(ms\)\s+([0-9.]+)", 1e-3),
    "EchoTime": (
        r"Act\. TE \(ms\)\s+([0-9.]+)|Act\. TR/TE1?[^(]*\(ms\)\s+[0-9.]+ */ *([0-9.]+)",
        1e-3,
    ),
    "FlipAngle": (r"Flip angle \(deg\)\s+([0-9.]+)", 1),
    "PixelBandwidth": (r"WFS \(pix\) / BW \(Hz\)\s+[0-9.]+\s*/\s*([0-9.]+)", 1),
    "InversionTime": (
        r"TFE prepulse\s+invert[^\0]{0,80}?delay[^\0]{0,30}?\(ms\)\s+([0-9.]+)",
        1e-3,
    ),
}
_PAGE = re.compile(r"\|\s*(\S[^|\n]*?)\s+\d\d:\d\d\.\d\s*$", re.MULTILINE)


def is_exam_card(text: str) -> bool:
    """Say whether a text is an ExamCard."""
    return "ExamCard" in text and "SOAP-ENV" in text


def read_exam_card(text: str, file: str) -> Export:
    """Read an ExamCard: every scan's name and those parameters that its block spells out."""
    blocks = dict(_BLOCK.findall(text))
    steps = []
    for procedure in _PROCEDURE.findall(text):
        name, data = _NAME.search(procedure), _DATA.search(procedure)
        if name is None:
            continue
        block = blocks.get(data[1]) if data else None
        steps.append(_card_step(name[1].strip(), unpack(block) if block else {}))
    release = re.search(r"_R(\d)(\d)", text)
    version = f"R{release[1]}.{release[2]}" if release else ""
    return Export(file, "Philips ExamCard", "Philips", "", version, tuple(steps), _CARD_UNREAD)


def unpack(block: str) -> dict[str, tuple[float, ...] | str]:
    """Unpack a parameter block; what lies outside it is left out."""
    try:
        raw = base64.b64decode(block)
        count = struct.unpack_from("<8i", raw)[7]
    except (binascii.Error, ValueError, struct.error):
        return {}
    values: dict[str, tuple[float, ...] | str] = {}
    for start in range(_HEAD, min(_HEAD + _ENTRY * max(count, 0), len(raw) - _ENTRY), _ENTRY):
        name = raw[start : start + 33].split(b"\0")[0].decode("latin-1")
        kind, size, _, distance = struct.unpack_from("<4i", raw, start + 34)
        place = start + 46 + distance
        if not 0 <= place < len(raw) or not 0 < size < 10_000:
            continue
        if kind == 2:
            values[name] = raw[place : place + 80].split(b"\0")[0].decode("latin-1")
        elif kind in _TYPES and place + 4 * size <= len(raw):
            values[name] = struct.unpack_from(f"<{size}{_TYPES[kind]}", raw, place)
    return values


def is_dump(text: str) -> bool:
    """Say whether a text is a printed Philips protocol dump."""
    return "Philips MRI Protocol Dump" in text or "Act. TR (ms)" in text


def read_dump(text: str, file: str) -> Export:
    """Read a printed protocol dump."""
    heads = [h for h in _PAGE.finditer(text) if "INFO PAGE" in text[h.end() : h.end() + 20]]
    ends = [head.start() for head in heads[1:]] + [len(text)]
    steps = []
    for head, end in zip(heads, ends, strict=False):
        page = text[head.end() : end]
        values: dict[str, Setting] = {}
        for key, (pattern, scale) in _DUMPED.items():
            found = re.search(pattern, page)
            value = _number(next(filter(None, found.groups()), ""), scale) if found else None
            if value is not None:
                values[key] = value
        if re.search(r"Fast Imaging mode\s+EPI", page):  # its bandwidth is the phase direction's
            values.pop("PixelBandwidth", None)
        steps.append(Step(head[1], values))
    return Export(
        file,
        "Philips protocol dump",
        "Philips",
        "",
        "",
        tuple(steps),
        "geometry, shim, SENSE, diffusion",
    )


def _card_step(name: str, told: dict[str, tuple[float, ...] | str]) -> Step:
    values: dict[str, Setting] = {}
    times = str(told.get("IF_act_rep_time_echo_time", "")).split("/")
    echo = told.get("IF_act_SE_echo_time") or (times[1] if len(times) > 1 else "")
    bandwidth = str(told.get("IF_wf_shift_bw_per_pix_echo1", "")).split("/")
    wanted: dict[str, tuple[object, float]] = {
        "RepetitionTime": (times[0], 1e-3),
        "EchoTime": (echo, 1e-3),
        "FlipAngle": (_first(told, "EX_ACQ_flip_angle"), 1),
        "SliceThickness": (_first(told, "EX_GEO_slice_thickness"), 1),
        "PixelBandwidth": (bandwidth[1] if len(bandwidth) > 1 else "", 1),
    }
    for key, (text, scale) in wanted.items():
        value = _number(text, scale)
        if value is not None:
            values[key] = value
    if not _first(told, "EX_DIFF_enable"):
        return Step(name, values)
    values.pop("PixelBandwidth", None)  # of an EPI it is the phase direction's
    b_value = _first(told, "EX_DIFF_b_factor")
    # The first vectors are the images with b = 0 that the scheme names: `opt32+5b=0`.
    scheme = re.search(r"(\d+)\+\d+b=0", str(told.get("EX_DIFF_dti_scheme_name", "")))
    directions = int(scheme[1]) if scheme else int(_first(told, "EX_DIFF_nr_dti_vectors") or 0)
    return Step(name, values, directions or None, (b_value,) if b_value else ())


def _first(told: dict[str, tuple[float, ...] | str], key: str) -> float | None:
    value = told.get(key)
    return value[0] if isinstance(value, tuple) and value else None


def _number(text: object, scale: float) -> float | int | None:
    try:
        value = float(f"{float(str(text).strip()) * scale:.6g}")
    except ValueError:
        return None
    if not 0 < value < 1e9:
        return None
    return int(value) if value.is_integer() else value
