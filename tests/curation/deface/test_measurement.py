from __future__ import annotations

import numpy as np

from spinegate.curation.deface.check import Verdict
from tests.bench.deface import HARD, PLANTED, Row, report
from tests.curation.deface.heads import VIEWS, draw, draw_hard, make


def row(planted: str, face_left: float, verdict: Verdict, face: int = 9000) -> Row:
    return Row("whole head", planted, face, face_left, 0.0, 0, 0.95, 0.8, str(verdict), 1.0)


def test_bad_that_pass_and_good_that_dont_are_counted() -> None:
    rows = [
        row("", 0.01, Verdict.FACE_GONE),
        row("", 0.01, Verdict.DOUBTFUL),
        row("", 0.5, Verdict.FACE_GONE),
        row("", 0.5, Verdict.CORD_CUT),
        row("", 0.5, Verdict.NOTHING),
        row("", 1.0, Verdict.FACE_GONE, face=0),
        row(PLANTED[0], 0.9, Verdict.DOUBTFUL),
        row(HARD, 0.9, Verdict.FACE_GONE),
    ]
    lines = list(report(rows))
    assert "| as found | 3 | 2 (67%) | 2 | 1 (50%) |" in lines
    assert f"| {PLANTED[0]} | 1 | 1 (100%) | 0 | - |" in lines
    assert f"| {HARD} | 1 | 0 (0%) | 0 | - |" in lines
    assert "No face in view: 1 heads, 1 passed." in lines


def test_draws_repeat_and_cover_every_view() -> None:
    assert draw(22) == draw(33)[:22]
    assert {view for _, view in draw(22)} == set(VIEWS)
    assert draw_hard(4) == draw_hard(12)[:4]


def test_a_head_is_the_same_twice_and_knows_its_parts() -> None:
    pose, view = draw(2)[1]
    one, other = make(pose, view), make(pose, view)
    assert (one.values == other.values).all()
    assert not (one.brain & one.face).any()
    for part, least in ((one.face, 10_000), (one.brain, 80_000), (one.cord, 500)):
        assert part.sum() > least
    assert np.isfinite(one.values).all()
