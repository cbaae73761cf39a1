"""Which contrast of the protocol each converted image is: by what it is, not by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...validator.recognise import MT_PAIR, Recognition, recognise
from .convert import Output
from .pulse import compare_signals

_PHASE = frozenset({"P", "PHASE"})
_COMPLEX = frozenset({"R", "I", "REAL", "IMAGINARY"})
_MADE = re.compile(r"(?:^|[_+])(?:Eq|Tilt|ADC|ROI|MoCo)")
_B0 = 50.0
"""s/mm2: below it nothing is weighted by diffusion."""

_NAMES = ("SeriesDescription ", "ProtocolName ", "the file is called ")
_DECIDED = 0.9


@dataclass(frozen=True, slots=True)
class Recognised:
    """A converted image, what it is, and why.

    Attributes
    ----------
    contrast
        A contrast of the protocol; "" where it is none of them.
    kind
        "" for the magnitude; ``phase``, ``real`` or ``imaginary``.
    candidates
        Contrasts that come equally into question where none is decided.
    """

    output: Output
    contrast: str
    confidence: float
    reasons: tuple[str, ...]
    kind: str = ""
    candidates: tuple[str, ...] = ()
    shape: tuple[int, ...] = field(default=())


def recognise_all(outputs: Sequence[Output]) -> list[Recognised]:
    """Tell the contrast of every image; MT pairs that nothing tells apart by their signals."""
    found = [one for output in outputs for one in _split_pair(_recognise(output))]
    return _decide_pairs(found)


def _recognise(output: Output) -> Recognised:
    shape = _shape(output.image)
    output = _with_own_repetition(output, shape)
    types = output.sidecar.get("ImageType")
    words = {str(word).upper() for word in types} if isinstance(types, list) else set()
    kind = _kind(words, output.part)
    sidecar = dict(output.sidecar)
    if kind:
        sidecar["ImageType"] = [word for word in types or [] if not _is_kind(str(word))]
    told = recognise(sidecar, "", output.bval is not None)
    contrast, reasons = told.contrast or "", _without_repeats(told)
    if contrast in ("localizer", "other"):
        contrast = ""
    if _MADE.search(output.part):
        reasons = ("dcm2niix made it of another image of the series", *reasons)
        return Recognised(output, "", 1.0, reasons, kind, shape=shape)
    if len(shape) < 3 or min(shape[:3]) < 2:
        reasons = (f"a single slice ({'x'.join(map(str, shape))})", *reasons)
        return Recognised(output, "", 1.0, reasons, kind, shape=shape)
    if contrast == "dwi" and output.bval is not None and _is_unweighted(output.bval):
        contrast, reasons = "b0", ("every b-value is 0", *reasons)
    return Recognised(output, contrast, told.score, reasons, kind, told.candidates, shape)


def _with_own_repetition(output: Output, shape: tuple[int, ...]) -> Output:
    """Undo what dcm2niix makes of two images in one series: the time between them as their TR."""
    between = output.sidecar.get("RepetitionTimeExcitation")
    if between is None or output.bval is not None or shape[3:] != (2,):
        return output
    return replace(output, sidecar={**output.sidecar, "RepetitionTime": between})


def _kind(words: set[str], part: str) -> str:
    if words & _PHASE or "_ph" in f"_{part}":
        return "phase"
    for word, short in (("imaginary", "I"), ("real", "R")):
        if {word.upper(), short} & words or f"_{word}" in f"_{part}":
            return word
    return ""


def _is_kind(word: str) -> bool:
    return word.upper() in _PHASE | _COMPLEX


def _without_repeats(told: Recognition) -> tuple[str, ...]:
    """Of the reasons that are only names keep one."""
    kept: list[str] = []
    named = False
    for reason in told.reasons:
        is_name = reason.startswith(_NAMES)
        if not (is_name and named):
            kept.append(reason)
        named = named or is_name
    return tuple(kept)


def _shape(image: Path) -> tuple[int, ...]:
    import nibabel

    loaded: Any = nibabel.load(image)
    return tuple(int(x) for x in loaded.shape)


def _is_unweighted(bval: Path) -> bool:
    try:
        values = [float(word) for word in bval.read_text().split()]
    except ValueError:
        return False
    return bool(values) and max(values) < _B0


def _split_pair(one: Recognised) -> list[Recognised]:
    """Split an image whose two volumes are an MT pair: so do some Philips scanners send it."""
    is_pair = one.contrast in MT_PAIR or set(one.candidates) == set(MT_PAIR)
    if not is_pair or len(one.shape) != 4 or one.shape[3] != 2 or one.kind:
        return [one]
    verdict = compare_signals((one.output.image, 0), (one.output.image, 1))
    reason = "one series holds both images of the MT pair"
    parts = []
    for volume, letter in ((0, "v1"), (1, "v2")):
        part = "+".join(word for word in (one.output.part, letter) if word)
        sidecar = {key: value for key, value in one.output.sidecar.items() if key != "MTState"}
        output = replace(one.output, part=part, volume=volume, sidecar=sidecar)
        parts.append(
            replace(one, output=output, shape=one.shape[:3], reasons=(reason, *one.reasons))
        )
    if verdict is None:
        return [replace(part, contrast="", candidates=MT_PAIR) for part in parts]
    return _decided(parts, verdict.first_is_on, verdict.reason)


def _decide_pairs(found: list[Recognised]) -> list[Recognised]:
    """Tell on from off by comparing the images, where the headers say nothing of the pulse."""
    blind = [
        one
        for one in found
        if (one.contrast in MT_PAIR or set(one.candidates) == set(MT_PAIR))
        and not one.kind
        and one.output.volume is None
        and not _is_told(one)
    ]
    if len(blind) != 2 or blind[0].shape != blind[1].shape or len(blind[0].shape) != 3:
        return found
    verdict = compare_signals((blind[0].output.image, None), (blind[1].output.image, None))
    if verdict is None:
        return found
    first, second = _decided(blind, verdict.first_is_on, verdict.reason)
    decided = {blind[0].output.name: first, blind[1].output.name: second}
    return [decided.get(one.output.name, one) for one in found]


def _is_told(one: Recognised) -> bool:
    """Whether the header itself tells the pulse, not only a name."""
    told = ("MTState is", "ScanOptions or SequenceVariant", "SAR ")
    return any(reason.startswith(told) or "names no MT pulse" in reason for reason in one.reasons)


def _decided(pair: Sequence[Recognised], first_is_on: bool, reason: str) -> list[Recognised]:
    names = MT_PAIR if first_is_on else MT_PAIR[::-1]
    decided = []
    for one, contrast in zip(pair, names, strict=True):
        others = tuple(text for text in one.reasons if not text.startswith("nothing tells"))
        doubt = one.contrast in MT_PAIR and one.contrast != contrast
        why = f"but its name says {one.contrast}" if doubt else ""
        reasons = tuple(text for text in (reason, *others, why) if text)
        confidence = 0.5 if doubt else _DECIDED
        decided.append(replace(one, contrast=contrast, confidence=confidence, reasons=reasons))
    return decided
