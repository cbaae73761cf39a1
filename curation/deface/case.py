"""One defaced image as a person looks at it: result, views, and what was decided."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from .check import Verdict
from .removal import Result
from .views import View

Decision = Literal["", "pass", "redo", "reject"]
_WORST = (
    Verdict.NOTHING,
    Verdict.CORD_CUT,
    Verdict.DOUBTFUL,
    Verdict.BRAIN_CUT,
    Verdict.FACE_LEFT,
    Verdict.FACE_GONE,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One image.

    Attributes
    ----------
    path
        In the dataset.
    result
        What the defacing says of itself.
    views
        Its pictures; see `make_views`.
    decision
        "pass": may be shared; "redo": to be defaced otherwise; "reject": not to be shared.
    by
        Who decided.
    note
        Why.
    date
        When, as YYYY-MM-DD.
    """

    path: str
    result: Result
    views: tuple[View, ...] = ()
    decision: Decision = ""
    by: str = ""
    note: str = ""
    date: str = ""

    @property
    def identity(self) -> str:
        """Name of this very result, in the column `result` of what the page saves."""
        digest = hashlib.sha256(self.path.encode("utf-8", "surrogateescape"))
        for view in self.views:
            digest.update(hashlib.sha256(view.picture).digest())
        return digest.hexdigest()[:20]


def needs_note(verdict: Verdict) -> bool:
    """Whether a person who lets an image pass must say why: the test didn't."""
    return verdict is not Verdict.FACE_GONE


def worst_first(cases: Iterable[Case]) -> list[Case]:
    """Sort: by verdict, then by the agreement of the two findings of the face."""

    def rank(case: Case) -> tuple[int, float, str]:
        agreement = case.result.agreement
        return (
            _WORST.index(case.result.verdict),
            agreement if math.isfinite(agreement) else -1.0,
            case.path,
        )

    return sorted(cases, key=rank)
