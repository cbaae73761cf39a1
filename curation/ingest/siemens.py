"""What Siemens scanners write into their own elements: CSA headers and the protocol's text."""

from __future__ import annotations

import importlib
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from .headers import items_of, numbers_of, plain, plain_list, private_value, text_of, value_of

_BEGIN, _END = "### ASCCONV BEGIN", "### ASCCONV END ###"
LIMIT = 8 * 1024 * 1024  # bytes of a CSA header or protocol; real ones have some 100 kB
_LINES = 50_000
_KEY, _VALUE = 200, 1000
_CHANNELS = 512
_ELEMENTS = 2000  # of group 0021 that are looked at
_DEPTH = 4
_MEASURED = ("sCoilSelectMeas.", "asCoilSelectMeas[0].", "")  # VD and later, VB, XA
_SELECTED = ("sCoilSelectMeas.aRxCoilSelectData[0].", "asCoilSelectMeas[0].", "sCoilSelectMeas.")
_FACTOR = re.compile(r"aFFT_SCALE\[(\d{1,4})\]\.(flFactor|bValid)")
_ELEMENT = re.compile(r"asList\[(\d{1,4})\]\.(sCoilElementID\.tElement|lElementSelected)")
_CURRENTS = 5

SCALES = {
    "ImageScaleCorrectionFactor": "dOverallImageScaleCorrectionFactor",
    "OverallImageScaleFactor": "dOverallImageScaleFactor",
}
_LACKING = "the protocol in the DICOM headers (ASCCONV) has no"


def siemens_facts(header: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what a Siemens header tells, and why the rest can't be told."""
    protocol = read_protocol(header)
    image = read_csa(header, "image")
    found = protocol_facts(protocol)
    coil = _first(image, "ImaCoilString") or text_of(
        private_value(header, 0x0051, "SIEMENS MR HEADER", 0x0F)
    )
    if coil:
        found["ReceiveCoilActiveElements"] = coil
    whole = _first(read_csa(header, "series"), "CoilString") or coil
    if whole:
        found["CoilString"] = whole
    table = numbers_of(private_value(header, 0x0019, "SIEMENS MR HEADER", 0x14), 3)
    if table is not None:  # feet first, where BIDS counts towards the head
        found["TablePosition"] = plain_list([table[0], table[1], 0.0 - table[2]])
    bandwidth = numbers_of(private_value(header, 0x0019, "SIEMENS MR HEADER", 0x28), 1)
    if bandwidth is not None and bandwidth[0] > 0:
        found["BandwidthPerPixelPhaseEncode"] = plain(bandwidth[0])
    wanted = (*SCALES, "FFTScaleFactor", "ShimSetting", "TxRefAmp")
    why = {
        key: f"{_LACKING} {SCALES.get(key, key)}"
        if protocol
        else "the DICOM headers hold no protocol (ASCCONV): was it taken out by an anonymiser?"
        for key in wanted
        if key not in found
    }
    return found, why


def protocol_facts(protocol: Mapping[str, str]) -> dict[str, Any]:
    """Return what the protocol's text tells, under the keys of a sidecar."""
    found: dict[str, Any] = {}
    for key, name in SCALES.items():
        number = _one(protocol, [prefix + name for prefix in _MEASURED])
        if number is not None and number > 0:
            found[key] = plain(number)
    factors = _factors(protocol)
    if factors:
        found["FFTScaleFactor"] = plain_list(factors)
    shim = _shim(protocol)
    if shim:
        found["ShimSetting"] = plain_list(shim)
    reference = _one(
        protocol,
        ["sTXSPEC.asNucleusInfo[0].flReferenceAmplitude"],
    )
    if reference is not None and reference > 0:
        found["TxRefAmp"] = plain(reference)
    for prefix in _SELECTED:
        coil = protocol.get(f"{prefix}asList[0].sCoilElementID.tCoilID")
        if coil:
            found["ReceiveCoilName"] = coil
            break
    count = _elements(protocol)
    if count:
        found["NumberReceiveCoilActiveElements"] = count
    return found


def read_protocol(header: Any) -> dict[str, str]:
    """Return the protocol that a scan was measured with; empty where the header has none."""
    series = read_csa(header, "series")
    for name in ("MrPhoenixProtocol", "MrProtocol"):
        protocol = parse_protocol(_first(series, name))
        if protocol:
            return protocol
    for content in _candidates(header):
        protocol = parse_protocol(content[:LIMIT].decode("latin-1"))
        if protocol:
            return protocol
    return {}


def parse_protocol(text: str) -> dict[str, str]:
    r"""Return the lines between the ASCCONV marks as a mapping; quotes are taken off.

    Examples
    --------
    >>> parse_protocol("### ASCCONV BEGIN ###\nalTR[0] = 35000\n### ASCCONV END ###")
    {'alTR[0]': '35000'}
    """
    start = text.find(_BEGIN, 0, LIMIT)
    if start < 0:
        return {}
    end = text.find(_END, start, LIMIT)
    body = text[start : end if end > 0 else LIMIT]
    found: dict[str, str] = {}
    for line in body.split("\n", _LINES + 1)[1 : _LINES + 1]:
        key, sign, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if sign and key and len(key) <= _KEY and len(value) <= _VALUE:
            quoted = value.startswith('"')
            found[key] = value.strip('"').strip() if quoted else value.partition("#")[0].strip()
    return found


def read_csa(header: Any, kind: str) -> Mapping[str, Any]:
    """Return the tags of a CSA header (image or series); empty where it has none or is broken."""
    offset = 0x10 if kind == "image" else 0x20
    content = private_value(header, 0x0029, "SIEMENS CSA HEADER", offset)
    if not isinstance(content, bytes) or not 16 < len(content) <= LIMIT:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nibabel calls all its DICOM readers experimental
        reader: Any = importlib.import_module("nibabel.nicom.csareader")
        try:
            tags: Mapping[str, Any] = reader.read(content)["tags"]
        except Exception:  # nibabel raises whatever a broken header makes it raise
            return {}
    return tags


def _candidates(header: Any) -> Iterator[bytes]:
    """Yield the contents that may hold the protocol: the CSA header as bytes, and group 0021.

    There XA software keeps it, in enhanced files inside of private sequences.
    """
    content = private_value(header, 0x0029, "SIEMENS CSA HEADER", 0x20)
    if isinstance(content, bytes):
        yield content
    waiting: list[tuple[Any, int]] = [(header, 0)]
    for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        waiting += [(group, 0) for group in items_of(value_of(header, name))[:1]]
    left = _ELEMENTS
    while waiting:
        place, depth = waiting.pop(0)
        tags = tuple(place.keys())  # iterating it would parse the elements
        for tag in tags:
            if tag.group != 0x0021:
                continue
            left -= 1
            if left < 0:
                return
            value = value_of(place, tag)
            if isinstance(value, bytes) and _BEGIN.encode() in value:
                yield value
            elif isinstance(value, str) and _BEGIN in value:
                yield value.encode("latin-1", "replace")
            elif depth < _DEPTH and not isinstance(value, bytes | str):
                waiting += [(item, depth + 1) for item in items_of(value)[:4] if _is_item(item)]


def _is_item(value: Any) -> bool:
    return hasattr(value, "keys") and hasattr(value, "private_block")


def _first(tags: Mapping[str, Any], name: str) -> str:
    """Return the first item of a CSA tag as text."""
    tag = tags.get(name)
    items = tag["items"] if tag else []
    item = items[0] if items else ""
    if isinstance(item, bytes):
        item = item.decode("latin-1")
    if name.endswith("Protocol"):
        return item if isinstance(item, str) else ""
    return text_of(item)


def _number(text: str | None) -> float | None:
    if not text:
        return None
    try:
        number = float(int(text, 16)) if text.lower().startswith("0x") else float(text)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _one(protocol: Mapping[str, str], keys: list[str]) -> float | None:
    return next((n for key in keys if (n := _number(protocol.get(key))) is not None), None)


def _factors(protocol: Mapping[str, str]) -> list[float]:
    """Return the factor of each coil element, in their order; those that don't count left out."""
    for prefix in (*_SELECTED, "sRXSPEC."):
        factors: dict[int, float] = {}
        invalid = set()
        for key, text in protocol.items():
            match = _FACTOR.fullmatch(key, len(prefix)) if key.startswith(prefix) else None
            number = _number(text) if match else None
            if match is None or number is None:
                continue
            if match[2] == "flFactor":
                factors[int(match[1])] = number
            elif not number:
                invalid.add(int(match[1]))
        kept = [factors[index] for index in sorted(factors) if index not in invalid]
        if kept:
            return kept[:_CHANNELS]
    return []


def _elements(protocol: Mapping[str, str]) -> int:
    """Count the coil elements that received."""
    for prefix in _SELECTED:
        named, off = set(), set()
        for key, text in protocol.items():
            match = _ELEMENT.fullmatch(key, len(prefix)) if key.startswith(prefix) else None
            if match and match[2] == "lElementSelected":
                off |= {int(match[1])} if _number(text) == 0 else set()
            elif match:
                named.add(int(match[1]))
        if named:
            return len(named - off)
    return 0


def _shim(protocol: Mapping[str, str]) -> list[float]:
    """Return three gradient offsets and five currents; a line that is left out means zero."""
    names = [f"sGRADSPEC.asGPAData[0].lOffset{axis}" for axis in "XYZ"]
    if not any(name in protocol for name in names):
        names = [f"sGRADSPEC.lOffset{axis}" for axis in "XYZ"]
    names += [f"sGRADSPEC.alShimCurrent[{index}]" for index in range(_CURRENTS)]
    found = [_number(protocol.get(name)) for name in names]
    return [] if all(number is None for number in found) else [number or 0.0 for number in found]
