"""The true values, as written to truth.json.

``Units`` names the unit of every quantity and ``Centerline`` the formula. ``Participants`` maps
each participant_id to

- ``site``, ``manufacturer``;
- ``centerline``: the six constants of the formula (mm, rad);
- ``shape``: the constants of the cord's section (see `anatomy.Anatomy` and `butterfly.Butterfly`);
- ``discs``: label, name and world position (mm, RAS) of the posterior tip of each disc;
- ``levels``: per vertebral level C1 to C7, the heights ``z`` of the discs above and below it on
  the centreline (mm), the cord's cross-sectional ``area`` orthogonal to the centreline and the
  ``grey_area`` in it (mm2), averaged over z;
- ``means``: the same over C2-C3, C3-C4 and C2-C5;
- ``white`` and ``grey``: ``mtr`` and ``mtsat`` (percent), ``t1`` (s), ``fa`` (1), ``md``, ``rd``
  and ``ad`` (mm2/s) of the pure tissue. MTR is that of the vendor's own TR and flip angle.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import radians
from typing import Any

import numpy as np

from .anatomy import Anatomy
from .participants import Participant
from .signal import Properties, magnetisation_transfer_ratio
from .tissues import Tissue

DISC_NAMES = ("C1 top", "C1-C2", "C2-C3", "C3-C4", "C4-C5", "C5-C6", "C6-C7", "C7-T1")
MEANS = {"C2-C3": (2, 3), "C3-C4": (3, 4), "C2-C5": (2, 5)}
UNITS = {
    "area": "mm2",
    "grey_area": "mm2",
    "position": "mm",
    "z": "mm",
    "mtr": "percent",
    "mtsat": "percent",
    "t1": "s",
    "fa": "1",
    "md": "mm2/s",
    "rd": "mm2/s",
    "ad": "mm2/s",
}
CENTERLINE = (
    "x(z) = bend_x sin(2 pi z / period_x + phase_x), "
    "y(z) = bend_y cos(2 pi z / period_y + phase_y); x right, y anterior, z superior"
)


def make_truth(participants: Sequence[Participant], seed: int, noise: float) -> dict[str, Any]:
    """Return the content of truth.json (see this module's description)."""
    return {
        "Description": "True values of the spinegate phantom",
        "Seed": seed,
        "Noise": noise,
        "Units": UNITS,
        "Centerline": CENTERLINE,
        "Participants": {one.name: describe(one) for one in participants},
    }


def describe(participant: Participant) -> dict[str, Any]:
    """Return one participant's true values."""
    anatomy = participant.anatomy
    mt = participant.vendor.timing["MTon"]
    constants = ("bend_x", "period_x", "phase_x", "bend_y", "period_y", "phase_y")
    section = ("area", "ratio", "swelling", "swelling_z", "swelling_width", "canal")
    grey = ("offset", "width", "height", "shear", "bulge", "bridge")

    def metrics(tissue: Properties) -> dict[str, float]:
        mtr = magnetisation_transfer_ratio(tissue, mt.tr, radians(mt.flip))
        return {
            "mtr": round(mtr, 6),
            "mtsat": round(100 * tissue.mtsat, 6),
            "t1": tissue.t1,
            "fa": tissue.fa,
            "md": tissue.md,
            "rd": round(tissue.rd, 10),
            "ad": round(tissue.ad, 10),
        }

    return {
        "site": participant.site,
        "manufacturer": participant.vendor.manufacturer,
        "centerline": {key: getattr(anatomy, key) for key in constants},
        "shape": {key: getattr(anatomy, key) for key in section}
        | {f"grey_{key}": getattr(anatomy.grey, key) for key in grey},
        "discs": [
            {
                "label": number,
                "name": name,
                "position": [round(float(c), 4) for c in anatomy.disc_tip(number)],
            }
            for number, name in enumerate(DISC_NAMES, start=1)
        ],
        "levels": {f"C{level}": level_means(anatomy, level, level) for level in range(1, 8)},
        "means": {name: level_means(anatomy, *levels) for name, levels in MEANS.items()},
        "white": metrics(participant.tissues[Tissue.WHITE]),
        "grey": metrics(participant.tissues[Tissue.GREY]),
    }


def level_means(anatomy: Anatomy, first: int, last: int) -> dict[str, Any]:
    """Average the areas (mm2) from the top of the vertebra C`first` to the foot of C`last`."""
    top, bottom = anatomy.discs[first - 1], anatomy.discs[last]
    middles = bottom + (np.arange(1000) + 0.5) / 1000 * (top - bottom)
    area = float(anatomy.section(middles).mean())
    return {
        "z": [top, bottom],
        "area": round(area, 4),
        "grey_area": round(area * anatomy.grey.share(), 4),
    }
