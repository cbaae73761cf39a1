"""A protocol proposed from a dataset: what most of its scans have, how often, and the spread."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..system.errors import ConfigError
from .gather import Observed, read_dataset
from .matching import alphanumerics, model_key
from .quoted import quoted
from .tolerance import is_number

KEYS = (
    "MagneticFieldStrength",
    "RepetitionTime",
    "EchoTime",
    "InversionTime",
    "FlipAngle",
    "EchoTrainLength",
    "PixelBandwidth",
    "BaseResolution",
    "AcquisitionMatrixPE",
    "ParallelReductionFactorInPlane",
    "SliceThickness",
    "SpacingBetweenSlices",
    "MRAcquisitionType",
)
_DEFAULTS = """\
# What holds for a parameter wherever it stands; an entry may say otherwise.
parameters:
  MagneticFieldStrength: {unit: T, relative: 5 %}
  RepetitionTime: {unit: s, relative: 5 %}
  EchoTime: {unit: s, relative: 5 %}
  InversionTime: {unit: s, relative: 5 %}
  FlipAngle: {unit: degree, absolute: 1}
  PixelBandwidth: {unit: Hz/px, relative: 2 %, level: warning}
  SliceThickness: {unit: mm, relative: 5 %}
  SpacingBetweenSlices: {unit: mm, relative: 5 %, level: warning}
"""
# As in the spine-generic protocol.
_SERIES = {
    "MT": (
        ("MTon", "MToff"),
        {
            "RepetitionTime": "{absolute: 0.0002}",
            "EchoTime": "{absolute: 0.00005}",
            "FlipAngle": "{absolute: 0.1}",
        },
    ),
    "MTS": (
        ("MTon", "MToff", "GRE-T1w"),
        {
            "EchoTime": "{absolute: 0.00005}",
            "PixelBandwidth": "{relative: 1 %}",
            "AcquisitionMatrixPE": "",
            "BaseResolution": "",
            "SliceThickness": "{absolute: 0.01}",
            "ShimSetting": "",
            "TxRefAmp": "{relative: 1 %}",
            "ReceiveCoilActiveElements": "",
            "ImageScaleCorrectionFactor": "",
            "OverallImageScaleFactor": "{relative: 0.1 %}",
            "FFTScaleFactor": "{relative: 0.1 %}",
            "PhilipsScaleSlope": "{relative: 0.1 %}",
            "PhilipsRescaleSlope": "{relative: 0.1 %}",
            "PhilipsRWVSlope": "{relative: 0.1 %}",
            "UsePhilipsFloatNotDisplayScaling": "",
            "ImageType": "",
            "PartialFourier": "{absolute: 0.01}",
            "InPlanePhaseEncodingDirectionDICOM": "",
        },
    ),
}
_RELATIVE = 0.05
_USUAL = 0.5  # share of scans that must agree before their value is proposed as the target


@dataclass(frozen=True, slots=True)
class Proposal:
    """One value proposed: the majority's, or limits where there is none."""

    target: Any
    agreeing: int
    seen: int
    low: float | None
    high: float | None


def derive_spec(dataset: Path, name: str | None = None) -> str:
    """Propose a spec from the sidecars of a BIDS dataset.

    Parameters
    ----------
    dataset
        Its folder; where a participant has raw scans under sourcedata/, those are read.
    name
        The protocol's name.

    Returns
    -------
    str
        YAML text that passes `spinegate spec check`, with counts in comments.

    Raises
    ------
    ConfigError
        The folder holds no sidecar that names a contrast.
    """
    scans, skipped = read_dataset(dataset)
    if not scans:
        raise ConfigError("no sidecar of any scan is here (sub-*/*/sub-*_*.json)", str(dataset))
    name = name or dataset.resolve().name
    participants = {scan.participant for scan in scans}
    text = [
        f"# Proposed from {len(scans)} scans of {len(participants)} participants.",
        "# Each value is the majority's; n is the number of scans that agree with it, spread the",
        "# smallest and the largest value seen. Where fewer than half agree, only limits stand.",
        "# Read every line before it judges anybody: a common mistake looks like a protocol.",
    ]
    if skipped:
        text.append(f"# {skipped} sidecars could not be read and are left out.")
    text += ["", f"protocol: {quoted(name)}", 'version: "draft"', "source: derived", ""]
    text += ["sources:", f"  derived: {quoted('counted in the dataset ' + name)}", "", _DEFAULTS]
    text += [*_contrasts(scans, len(participants)), "", *_series(scans), *_variants(scans)]
    return "\n".join(text) + "\n"


def propose(values: Sequence[Any]) -> Proposal | None:
    """Propose a target from what was seen.

    Returns
    -------
    Proposal | None
        None where nothing is there to compare: no value, lists, or words that differ.
    """
    simple = [v for v in values if is_number(v) or (isinstance(v, str) and 0 < len(v) < 40)]
    if not simple:
        return None
    numbers = [v for v in simple if is_number(v)]
    if len(numbers) < len(simple):
        word, count = Counter(v for v in simple if isinstance(v, str)).most_common(1)[0]
        return Proposal(word, count, len(simple), None, None) if count > len(simple) / 2 else None
    usual = Counter(float(f"{v:.6g}") for v in numbers).most_common(1)[0][0]
    agreeing = sum(abs(v - usual) <= _RELATIVE * abs(usual) for v in numbers)
    target = usual if agreeing >= _USUAL * len(numbers) else None
    return Proposal(target, agreeing, len(numbers), min(numbers), max(numbers))


def _contrasts(scans: Iterable[Observed], participants: int) -> list[str]:
    having: dict[str, set[str]] = defaultdict(set)
    kinds = {}
    for scan in scans:
        having[scan.contrast].add(scan.participant)
        kinds[scan.contrast] = scan
    text = ["contrasts:"]
    for contrast, who in sorted(having.items()):
        scan = kinds[contrast]
        form = f"suffix: {quoted(scan.suffix)}"
        if scan.entities:
            labels = ", ".join(f"{k}: {quoted(v)}" for k, v in scan.entities)
            form += f", entities: {{{labels}}}"
        text += [
            f"  {quoted(contrast)}:  # {len(who)} of {participants} participants",
            f"    bids: {quoted(contrast)}",
            f"    datatype: {quoted(scan.datatype)}",
            f"    forms: [{{{form}}}]",
            "    without: [rec]  # computed from it",
            f"    required: {'true' if len(who) * 2 > participants else 'false'}",
        ]
    return text


def _series(scans: Iterable[Observed]) -> list[str]:
    """Propose what MTR and MTsat divide by each other, where the dataset has it."""
    roles: dict[str, str] = {}
    for scan in scans:
        role = _role(scan)
        if role:
            roles.setdefault(role, scan.contrast)
    text = []
    for name, (members, keys) in _SERIES.items():
        if all(member in roles for member in members):
            listed = ", ".join(quoted(roles[member]) for member in members)
            text += [f"  {name}:", f"    members: [{listed}]", "    source: derived", "    equal:"]
            text += [f"      {key}:{' ' if limit else ''}{limit}" for key, limit in keys.items()]
    return (
        ["# Not counted: what quantitative MT needs equal.", "series:", *text, ""] if text else []
    )


def _role(scan: Observed) -> str:
    """Tell MTon, MToff and GRE-T1w by their names, of today or before."""
    labels = dict(scan.entities)
    if scan.suffix != "MTS":
        return ""
    if labels in ({"acq": "T1w"}, {"flip": "2", "mt": "off"}):
        return "GRE-T1w"
    for role, mt, old in (("MTon", "on", "MTon"), ("MToff", "off", "MToff")):
        if labels in ({"acq": old}, {"flip": "1", "mt": mt}):
            return role
    return ""


def _variants(scans: Iterable[Observed]) -> list[str]:
    grouped: dict[tuple[str, str], list[Observed]] = defaultdict(list)
    for scan in scans:
        grouped[alphanumerics(scan.manufacturer), model_key(scan.model)].append(scan)
    text = ["variants:"]
    for (maker, model), group in sorted(grouped.items()):
        name = "-".join(part for part in (maker, model) if part) or "unknown"
        manufacturer = Counter(scan.manufacturer for scan in group).most_common(1)[0][0]
        spelt = sorted({scan.model for scan in group if scan.model})
        people = len({scan.participant for scan in group})
        text += [f"  {quoted(name)}:  # {people} participants"]
        text += [f"    manufacturer: {quoted(manufacturer or 'unknown')}"]
        if spelt:
            text.append(f"    models: [{', '.join(quoted(m) for m in spelt)}]")
        else:
            text.append("    fallback: true  # the model is not known")
        text += ["    source: derived", *_values(group), *_diffusion(group)]
    return text


def _values(group: Iterable[Observed]) -> list[str]:
    seen: dict[str, list[Observed]] = defaultdict(list)
    for scan in group:
        seen[scan.contrast].append(scan)
    text = []
    for contrast, scans in sorted(seen.items()):
        rows = []
        for key in KEYS:
            values = [scan.sidecar[key] for scan in scans if scan.sidecar.get(key) is not None]
            proposal = propose(values)
            if proposal is not None:
                rows.append(f"        {key}: {_entry(proposal)}")
        if rows:
            text += [f"      {quoted(contrast)}:  # {len(scans)} scans", *rows]
    return ["    contrasts:", *text] if text else []


def _entry(proposal: Proposal) -> str:
    spread = ""
    if proposal.low is not None and proposal.high is not None:
        spread = f", spread: [{proposal.low:.6g}, {proposal.high:.6g}]"
    if proposal.target is None:
        limits = (
            f"minimum: {_moved(proposal.low, -1):.5g}, maximum: {_moved(proposal.high, 1):.5g}"
        )
        return f"{{{limits}, n: {proposal.seen}{spread}}}  # no majority"
    target = proposal.target
    word = quoted(target) if isinstance(target, str) else f"{target:.6g}"
    rest = proposal.seen - proposal.agreeing
    remark = f"  # {rest} of {proposal.seen} differ" if rest else ""
    return f"{{target: {word}, n: {proposal.agreeing}{spread}}}{remark}"


def _moved(value: float | None, sign: int) -> float:
    # Five figures may round inwards: the outermost value seen must stay inside its own limits.
    return 0.0 if value is None else value + sign * abs(value) * 1e-4


def _diffusion(group: Iterable[Observed]) -> list[str]:
    schemes: dict[str, Counter[tuple[tuple[int, ...], int, int]]] = defaultdict(Counter)
    for scan in group:
        weighted = [b for b in scan.b_values if b > 50]
        if weighted:
            shells = tuple(sorted({round(b / 10) * 10 for b in weighted}))
            schemes[scan.contrast][shells, len(weighted), len(scan.b_values) - len(weighted)] += 1
    if not schemes:
        return []
    text = ["    diffusion:"]
    for contrast, counted in sorted(schemes.items()):
        text.append(f"      {quoted(contrast)}:")
        for (shells, directions, b0), count in counted.most_common(4):
            listed = ", ".join(str(shell) for shell in shells[:20])
            scheme = f"b: [{listed}], directions: {directions}, b0: {b0}"
            text.append(f"        - {{{scheme}}}  # {count} scans")
    return text
