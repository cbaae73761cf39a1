"""GE: LxProtocol files (`set TR "35.0"`) and the protocol report as PDF, HTML or text."""

from __future__ import annotations

import re

from .export import Export, Setting, Step

_SET = re.compile(r'^\s*set\s+([A-Z0-9_]+)\s+"([^"]*)"', re.MULTILINE)
_NUMBER = r"\s+([0-9]+(?:\.[0-9]+)?)\s*$"
_TITLE = re.compile(r"^\s*Series Description\s+(\S[^\n]*?)\s*$", re.MULTILINE)
_START = re.compile(r"^\s*(?:PATIENT POSITION|Patient Entry)\b", re.MULTILINE)
_DIRECTIONS = re.compile(rf"^\s*Number of Diffusion\s+Directions{_NUMBER}", re.MULTILINE)
_REPORTED: dict[str, tuple[str, float]] = {
    "RepetitionTime": (f"TR{_NUMBER}", 1e-3),
    "EchoTime": (f"TE{_NUMBER}", 1e-3),
    "InversionTime": (f"(?:TI|Prep Time|Inv\\. Time){_NUMBER}", 1e-3),
    "FlipAngle": (f"Flip Angle{_NUMBER}", 1),
    "SliceThickness": (f"Slice Thickness{_NUMBER}", 1),
    "AcquisitionMatrixPE": (f"Phase{_NUMBER}", 1),
    "EchoTrainLength": (f"(?:ETL|Echo Train Length){_NUMBER}", 1),
}
_FIELDS: dict[str, tuple[str, float]] = {
    "TR": ("RepetitionTime", 1e-3),
    "TE": ("EchoTime", 1e-3),
    "TI": ("InversionTime", 1e-3),
    "FLIPANG": ("FlipAngle", 1),
    "SLTHICK": ("SliceThickness", 1),
    "MATRIXY": ("AcquisitionMatrixPE", 1),
    "ETL": ("EchoTrainLength", 1),
}
_UNREAD = (
    "control variables, b-value, field of view, shim, bandwidth (in kHz, not per pixel), "
    "and every time that the scanner sets to its minimum"
)


def is_lx_protocol(text: str) -> bool:
    """Say whether a text is a GE LxProtocol file."""
    names = {name for name, _ in _SET.findall(text)}
    return len(names & {"PSEQ", "IMODE", "TR", "TE", "FLIPANG"}) >= 2


def read_lx_protocol(text: str, file: str) -> Export:
    """Read one LxProtocol file: one scan, named by its series description or its folder."""
    fields = dict(_SET.findall(text))
    values: dict[str, Setting] = {}
    for field, (key, scale) in _FIELDS.items():
        value = _scaled(fields.get(field), scale)
        if value is not None:
            values[key] = value
    folder = file.replace("\\", "/").rstrip("/").split("/")[-2:-1]
    name = fields.get("SEDESC") or re.sub(r"_[0-9]{10,}_[0-9]+$", "", "".join(folder)) or file
    step = _diffusion(Step(name, values), fields.get("NUMDIFFDIR"), fields.get("BVALUE"))
    return Export(file, "GE LxProtocol", "GE", "", "", (step,), _UNREAD)


def is_report(text: str) -> bool:
    """Say whether a text is a GE protocol report."""
    return len(_START.findall(text)) > 0 and _TITLE.search(text) is not None


def read_report(text: str, file: str) -> Export:
    """Read the text of a protocol report; scans start at their patient position."""
    starts = [found.start() for found in re.finditer(r"^\s*Patient Entry\b", text, re.MULTILINE)]
    parts = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    steps = []
    for part in parts:
        title = _TITLE.search(part)
        if title is None:
            continue
        values: dict[str, Setting] = {}
        for key, (pattern, scale) in _REPORTED.items():
            found = re.search(rf"^\s*{pattern}", part, re.MULTILINE)
            value = _scaled(found[1], scale) if found else None
            if value is not None:
                values[key] = value
        directions = _DIRECTIONS.search(part)
        shell = re.search(rf"^\s*(?:B-?[Vv]alue|BVALUE)s?{_NUMBER}", part, re.MULTILINE)
        steps.append(
            _diffusion(
                Step(title[1], values),
                directions[1] if directions else None,
                shell[1] if shell else None,
            )
        )
    model = re.search(r"^\s*(?:DISCOVERY|SIGNA|Optima|OPTIMA)\s+(\S+(?: \S+)?)", text, re.M)
    name = model[0].strip().removesuffix(" 3T").removesuffix(" 1.5T") if model else ""
    return Export(file, "GE protocol report", "GE", name, "", tuple(steps), _UNREAD)


def _diffusion(step: Step, directions: str | None, shell: str | None) -> Step:
    count, b_value = _scaled(directions, 1), _scaled(shell, 1)
    if not count or not b_value:
        return step
    return Step(step.name, step.values, int(count), (float(b_value),))


def _scaled(text: str | None, scale: float) -> float | int | None:
    try:
        value = float(f"{float(text or '') * scale:.9g}")
    except ValueError:
        return None
    if not 0 < value < 1e9:  # NaN as well
        return None
    return int(value) if value.is_integer() else value
