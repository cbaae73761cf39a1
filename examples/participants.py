"""Who is in the phantom: sites, participants and what is true of each, drawn from the seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .anatomy import Anatomy
from .butterfly import Butterfly
from .protocol import VENDORS, Vendor
from .signal import Properties
from .tissues import Tissue


@dataclass(frozen=True, slots=True)
class Participant:
    """One participant: names, demography, shape and tissue properties."""

    label: str
    site: str
    vendor: Vendor
    index: int
    sex: str
    age: int
    height: int
    weight: int
    date: str
    tilt: float
    """Of the axial series about the left-right axis, degrees."""
    anatomy: Anatomy
    tissues: dict[Tissue, Properties]

    @property
    def name(self) -> str:
        """The participant_id."""
        return f"sub-{self.label}"


def site_letter(number: int) -> str:
    """Return A, B, ..., Z, AA, AB, ... for 0, 1, ..., 25, 26, 27, ..."""
    text = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("A") + digit) + text
    return text


def draw_participants(
    sites: int, participants: int, vendors: Sequence[str], seed: int
) -> list[Participant]:
    """Draw the cohort: `sites` sites per vendor with `participants` participants each."""
    return [
        draw(VENDORS[vendor], number, one, seed)
        for number in range(sites)
        for vendor in vendors
        for one in range(participants)
    ]


def draw(vendor: Vendor, site_number: int, number: int, seed: int) -> Participant:
    """Draw one participant; each is independent of how many others there are."""
    site = f"{vendor.name}{site_letter(site_number)}"
    key = [seed, list(VENDORS).index(vendor.name), site_number]
    of_site = np.random.default_rng(key)
    site_area, site_t1, site_mt = (of_site.normal(0, scale) for scale in (2.0, 0.02, 0.001))
    rng = np.random.default_rng([*key, number + 1])

    def uniform(low: float, high: float, digits: int = 4) -> float:
        return round(float(rng.uniform(low, high)), digits)

    sex = "MF"[int(rng.integers(2))]
    area = round(float(np.clip(72 + site_area + rng.normal(0, 5), 58, 88)), 3)
    heights = [uniform(14.5, 17.0, 2) for _ in range(8)]
    below = -np.cumsum([0.0, *heights[:4]])
    above = np.cumsum(heights[4:7])
    discs = tuple(round(float(z), 2) for z in (*above[::-1], *below))
    anatomy = Anatomy(
        bend_x=uniform(0.5, 2.0),
        period_x=uniform(180, 260, 1),
        phase_x=uniform(0, 6.28),
        bend_y=uniform(2.0, 4.5),
        period_y=uniform(190, 260, 1),
        phase_y=uniform(-0.5, 0.5),
        area=area,
        ratio=uniform(1.5, 1.75),
        swelling=uniform(0.08, 0.16),
        swelling_z=round(float(below[1] + uniform(-3, 3)), 2),
        swelling_width=uniform(22, 30, 2),
        canal=(uniform(10.0, 11.0, 3), uniform(6.8, 7.6, 3)),
        discs=discs,
        grey=Butterfly(
            offset=uniform(0.31, 0.35),
            width=uniform(0.14, 0.16),
            height=uniform(0.50, 0.56),
            shear=uniform(0.10, 0.18),
            bulge=uniform(0.20, 0.35),
            bridge=uniform(0.08, 0.11),
        ),
    )
    t1_shift, mt_shift = float(site_t1), float(site_mt)
    white = Properties(
        density=0.70,
        t1=round(1.05 + t1_shift + uniform(-0.05, 0.05), 4),
        t2=0.075,
        t2star=0.045,
        mtsat=round(0.044 + mt_shift + uniform(-0.003, 0.003), 5),
        fa=uniform(0.66, 0.76),
        md=uniform(0.80e-3, 0.95e-3, 7),
    )
    grey = Properties(
        density=0.80,
        t1=round(1.25 + t1_shift + uniform(-0.05, 0.05), 4),
        t2=0.085,
        t2star=0.060,
        mtsat=round(0.034 + mt_shift + uniform(-0.003, 0.003), 5),
        fa=uniform(0.42, 0.50),
        md=uniform(0.82e-3, 0.95e-3, 7),
    )
    return Participant(
        label=f"{site}{number + 1:02d}",
        site=site,
        vendor=vendor,
        index=number,
        sex=sex,
        age=int(rng.integers(20, 50)),
        height=int(rng.integers(158, 192)),
        weight=int(rng.integers(52, 92)),
        date=f"2023-{int(rng.integers(1, 13)):02d}-{int(rng.integers(1, 29)):02d}",
        tilt=uniform(-6, 6, 2),
        anatomy=anatomy,
        tissues={**_OTHERS, Tissue.WHITE: white, Tissue.GREY: grey},
    )


_OTHERS = {
    Tissue.AIR: Properties(0.0, 1.0, 0.05, 0.03, 0.0, 0.0, 1e-3),
    Tissue.MUSCLE: Properties(0.75, 1.4, 0.04, 0.030, 0.040, 0.2, 1.5e-3),
    Tissue.BONE: Properties(0.30, 0.6, 0.06, 0.010, 0.012, 0.0, 0.5e-3),
    Tissue.DISC: Properties(0.60, 1.1, 0.09, 0.040, 0.030, 0.0, 1.2e-3),
    Tissue.CSF: Properties(1.00, 4.0, 1.0, 0.50, 0.0, 0.0, 3.0e-3),
}
