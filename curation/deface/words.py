"""What a result means, in words for the person who looks at it."""

from __future__ import annotations

import math
from typing import NamedTuple, get_args

from .check import AGREEMENT, BRAIN, MI, MISSED, Verdict
from .removal import Method, Result

_ADVICE = {
    Verdict.NOTHING: "Nothing was removed. Is a face in view? Then it was not found: redo. "
    "Is none in view? Then pass, and say so in the note.",
    Verdict.CORD_CUT: "What was to be removed reached the spinal cord, so the face was probably "
    "looked for in the wrong place. The cord was kept: is the face gone all the same?",
    Verdict.DOUBTFUL: "The face may have been looked for in the wrong place. Is the whole face "
    "inside the line, and nothing else?",
    Verdict.BRAIN_CUT: "Brain may lie inside the line. How much of it is gone?",
    Verdict.FACE_LEFT: "A part of the face was kept. Can you still recognise the person?",
    Verdict.FACE_GONE: "The test found nothing wrong. It can be mistaken.",
}
NO_FACE = "no face in view"
_UNTESTED = (
    "It was not defaced by spinegate, so nothing was tested. Is the whole face inside the line, "
    "and nothing else?"
)


class Number(NamedTuple):
    """One number of a result: what it is, its value, what is asked of it, whether it is met."""

    name: str
    value: str
    asked: str
    met: bool


def advice(result: Result) -> str:
    """Return what to look at."""
    return _ADVICE[result.verdict] if _tested(result) else _UNTESTED


def _tested(result: Result) -> bool:
    return result.method in get_args(Method)


def numbers(result: Result) -> list[Number]:
    """Return the numbers that the automatic test looks at, with its gates."""
    tissue = Number(
        "Tissue removed",
        f"{result.removed:,} voxels" if result.removed else "none",
        "some",
        result.removed > 0,
    )
    if not _tested(result):
        return [tissue]
    return [
        tissue,
        Number(
            "Agreement of two searches for the face",
            _said(result.agreement, "{:.2f}"),
            f"at least {AGREEMENT}",
            result.agreement >= AGREEMENT,
        ),
        Number(
            "Likeness to the model head",
            _said(result.mi, "{:.2f} nats"),
            f"at least {MI} nats",
            result.mi >= MI,
        ),
        Number(
            "Share of the face that is left",
            _said(100 * result.missed, "{:.1f} %"),
            f"at most {100 * MISSED:g} %",
            result.missed <= MISSED,
        ),
        Number(
            "Share of the brain that was removed",
            _said(100 * result.brain_cut, "{:.1f} %"),
            f"at most {100 * BRAIN:g} %",
            result.brain_cut <= BRAIN,
        ),
        Number(
            "Spinal cord that was to be removed",
            f"{result.cord_cut:,} voxels, which were kept" if result.cord_cut else "none",
            "none",
            result.cord_cut == 0,
        ),
    ]


def manner(result: Result) -> str:
    """Return how the face was found, in sentences."""
    removed = f"Removed: {_said(result.volume, '{:,.0f} ml')}, air included."
    if not _tested(result):
        return removed
    tool = "FSL, by pydeface" if result.method == "fsl" else "ANTs"
    where = " on the T1w image of the same session" if result.borrowed else ""
    return f"Found with {tool}{where}. {removed}"


def reasons(result: Result) -> list[str]:
    """Return what the test stumbled upon, and what else a person should know, in sentences."""
    said = []
    if result.verdict is not Verdict.NOTHING:  # which says all: no face was found to measure
        failed = (number for number in numbers(result) if not number.met)
        said = [f"{number.name}: {number.value} (asked: {number.asked})." for number in failed]
    if result.note:
        said.append(f"{result.note[:1].upper()}{result.note[1:]}.")
    return said


def _said(value: float, form: str) -> str:
    return form.format(value) if math.isfinite(value) else "not known"
