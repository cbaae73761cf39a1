"""MTon and MToff mistaken for each other, told from metadata.

Siemens writes the MT pulse into ScanOptions and SequenceVariant (next to SP; XA11 writes SK and
tells nothing), GE into ScanOptions; both raise the SAR about a hundredfold. Philips exports none
of it: not determinable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...protocol_specs.parameter import is_number
from ..dataset import Scan
from ..finding import Outcome
from ..inspection import Inspection
from ..verdict import Verdict, blind, met

CODE = "MT_LABELS_SWAPPED"
SAR_RATIO = 10.0  # with the pulse 86-113 on Siemens, 405-413 on GE
_NO_SAR = 1e-9  # W/kg; less is no measurement
_WORDS = re.compile(r"[_\\\s]+")


def has_pulse(scan: Scan) -> bool | None:
    """Say whether a sidecar tells of an MT pulse; None where its vendor doesn't export it."""
    vendor = str(scan.sidecar.get("Manufacturer") or "").casefold()
    options = _words(scan.sidecar.get("ScanOptions"))
    variant = _words(scan.sidecar.get("SequenceVariant"))
    if "MT" in options or "MTC" in variant:
        return True
    if vendor.startswith("siemens") and "SP" in variant:
        return False
    if vendor.startswith("ge") and options:
        return False
    return None


def _words(value: object) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(_words, value))
    return set(_WORDS.split(value)) if isinstance(value, str) else set()


def check(inspection: Inspection) -> Iterator[Verdict]:
    """Yield an outcome for every pair of MTon and MToff."""
    if "MT" not in inspection.spec.series:
        return
    for on, off in inspection.members("MT"):
        yield _check(on, off)


def _check(on: Scan, off: Scan) -> Verdict:
    evidence = list(_evidence(on, off))
    site = on.site
    swapped = [text for verdict, text in evidence if verdict == "swapped"]
    fine = [text for verdict, text in evidence if verdict == "met"]
    same = [text for verdict, text in evidence if verdict == "same"]
    if swapped:
        told = "; ".join(swapped + [f"but {text}" for text in fine])
        message = f"MTon and MToff seem to have each other's name: {told}."
        return _finding(on, off, message, "the MT pulse in MTon, and not in MToff")
    if same:
        told = "; ".join(same + [f"but {text}" for text in fine])
        message = f"One of MTon and MToff has a wrong name or pulse: {told}."
        return _finding(on, off, message, "the MT pulse in MTon only")
    if fine:
        return met(CODE, site, "MT")
    return blind(CODE, "nothing in the sidecars tells of the MT pulse", site, "MT")


def _finding(on: Scan, off: Scan, message: str, expected: str) -> Verdict:
    observed = {
        scan.contrast or "": {
            key: scan.sidecar.get(key)
            for key in ("ScanOptions", "SequenceVariant", "MTState", "SAR")
        }
        for scan in (on, off)
    }
    return Verdict(
        CODE, Outcome.NOT_MET, on.path, on.site, "MT",
        message=message, observed=observed, expected=expected, affects=(off.path,),
    )  # fmt: skip


def _evidence(on: Scan, off: Scan) -> Iterator[tuple[str, str]]:
    pulse = has_pulse(on), has_pulse(off)
    ratio = _sar_ratio(on.sidecar.get("SAR"), off.sidecar.get("SAR"))
    if pulse == (False, True):
        yield "swapped", "the scanner names the MT pulse in the file called MToff"
    elif pulse == (True, False):
        yield "met", "the scanner names the MT pulse in the file called MTon"
    elif pulse == (True, True):
        yield "same", "the scanner names the MT pulse in both"
    elif pulse == (False, False) and (ratio is None or 1 / SAR_RATIO < ratio < SAR_RATIO):
        yield "same", "the scanner names the MT pulse in neither"
    state = on.sidecar.get("MTState"), off.sidecar.get("MTState")
    if state == (True, False):
        yield "met", "MTState is true in MTon and false in MToff"
    elif state == (False, True):
        yield "swapped", "MTState is true in MToff and false in MTon"
    elif state[0] is False or state[1] is True:
        where = "both" if state[0] is state[1] else "MTon" if state[0] is False else "MToff"
        yield "same", f"MTState is {str(state[0] is not False).lower()} in {where}"
    if ratio is not None and ratio >= SAR_RATIO:
        yield "met", f"the SAR of MTon is {ratio:.0f} times that of MToff"
    elif ratio is not None and ratio <= 1 / SAR_RATIO:
        yield "swapped", f"the SAR of MToff is {1 / ratio:.0f} times that of MTon"


def _sar_ratio(on: Any, off: Any) -> float | None:
    if not is_number(on) or not is_number(off) or min(on, off) < _NO_SAR:
        return None
    return float(on / off)
