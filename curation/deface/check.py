"""The automatic test of a defacing: what it can tell, and no more."""

from __future__ import annotations

from enum import StrEnum

AGREEMENT = 0.92
MI = 0.55
BRAIN = 0.01
MISSED = 0.02


class Verdict(StrEnum):
    """What the test says of one image. Even `FACE_GONE` needs a person's look."""

    FACE_GONE = "face gone"
    FACE_LEFT = "face left"
    BRAIN_CUT = "brain cut"
    CORD_CUT = "cord cut"
    DOUBTFUL = "registration doubtful"
    NOTHING = "nothing removed"


def judge(
    *,
    removed: int,
    agreement: float,
    mi: float,
    brain_cut: float,
    cord_cut: int,
    missed: float,
    placed: bool,
) -> Verdict:
    """Judge a defacing by its numbers; the worst that is true is said.

    Parameters
    ----------
    removed
        Voxels that were not background and are now.
    agreement
        Dice of the faces that the two registrations found.
    mi
        Mutual information of image and template, in nats.
    brain_cut
        Share of the brain that is removed, as the registrations have it.
    cord_cut
        Voxels of the cord that the mask came upon.
    missed
        Share of the face, as either registration has it, that is left.
    placed
        Whether the image's header says where it lies.
    """
    if removed == 0:
        return Verdict.NOTHING
    if cord_cut:
        return Verdict.CORD_CUT
    if not (placed and agreement >= AGREEMENT and mi >= MI):  # NaN is no agreement
        return Verdict.DOUBTFUL
    if brain_cut > BRAIN:
        return Verdict.BRAIN_CUT
    if missed > MISSED:
        return Verdict.FACE_LEFT
    return Verdict.FACE_GONE
