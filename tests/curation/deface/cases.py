"""Cases as the page shows them, with small pictures."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from spinegate.curation.deface.case import Case
from spinegate.curation.deface.check import Verdict
from spinegate.curation.deface.png import draw
from spinegate.curation.deface.removal import Result
from spinegate.curation.deface.views import KINDS, TIMES, View

GOOD = Result(
    Verdict.FACE_GONE, "ants", False, 0.97, 0.71, 46_432, 194_676, 1557.4, 0.0, 0, 0.001, 19.2
)


@cache
def pictures(seed: int) -> tuple[View, ...]:
    """Different pictures for each seed."""
    rng = np.random.default_rng(seed)
    names = (f"{kind}-{time}" for kind in KINDS for time in TIMES)
    return tuple(View(name, draw(rng.random((24, 20), np.float32))) for name in names)


def case(number: int = 1, verdict: Verdict = Verdict.FACE_GONE, **more: Any) -> Case:
    """Make a case; what isn't a field of `Case` changes its result."""
    fields = {key: more.pop(key) for key in ("decision", "by", "note", "date") if key in more}
    path = more.pop("path", f"sub-a{number:02}/anat/sub-a{number:02}_T1w.nii.gz")
    result = replace(GOOD, verdict=verdict, **more)
    return Case(path, result, pictures(number), **fields)


def some() -> list[Case]:
    """One good, one doubtful, one without a face, one that lost cord; the good one first."""
    return [
        case(1),
        case(2, Verdict.DOUBTFUL, agreement=0.61),
        case(3, Verdict.NOTHING, removed=0, mask=0, volume=0.0, agreement=0.0),
        case(4, Verdict.CORD_CUT, cord_cut=12),
    ]
