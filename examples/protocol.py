"""What the phantom's three scanners are set to: the spine-generic protocol, one model each.

Values are those of the vendors' printed protocols (spine-generic/protocols). Where these leave a
value to the scanner (GE's T1w TR and TE, dwi TR under cardiac gating), one that such scanners
choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Matrix = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Contrast:
    """One series of the protocol: its BIDS name and its place in the exam."""

    family: str
    datatype: str
    suffix: str
    description: Mapping[str, str]
    minute: float


@dataclass(frozen=True, slots=True)
class Timing:
    """TR, TE and TI in s, flip angle in degrees."""

    tr: float
    te: float
    flip: float
    ti: float | None = None


@dataclass(frozen=True, slots=True)
class Geometry:
    """Voxel (mm) and full matrix, both along x, y, z."""

    voxel: tuple[float, float, float]
    matrix: Matrix


@dataclass(frozen=True, slots=True)
class Vendor:
    """A scanner: who made it, and what it plays."""

    name: str
    manufacturer: str
    model: str
    software: str
    coil: str
    frequency: float
    """Imaging frequency, MHz."""
    timing: Mapping[str, Timing]
    geometry: Mapping[str, Geometry]
    echoes: tuple[float, ...]
    """Echo times of T2star, s."""
    scheme: tuple[int, int, int]
    """dwi volumes: b0 first, directions, b0 last."""


def _names(siemens: str, philips: str) -> dict[str, str]:
    return {"siemens": siemens, "ge": siemens, "philips": philips}


CONTRASTS: dict[str, Contrast] = {
    "T1w": Contrast("T1w", "anat", "T1w", _names("T1w", "T1w"), 0),
    "T2w": Contrast("T2w", "anat", "T2w", _names("T2w", "T2w"), 6),
    "dwi": Contrast("dwi", "dwi", "dwi", _names("DWI", "DWI"), 11),
    "MTon": Contrast("MTS", "anat", "flip-1_mt-on_MTS", _names("GRE-MT1", "GRE-MT1"), 15),
    "MToff": Contrast("MTS", "anat", "flip-1_mt-off_MTS", _names("GRE-MT0", "GRE-MT0"), 18),
    "GRE-T1w": Contrast("MTS", "anat", "flip-2_mt-off_MTS", _names("GRE-T1w", "GRE-T1"), 21),
    "T2star": Contrast("T2star", "anat", "T2star", _names("GRE-ME", "GRE-ME"), 23),
}  # in the order of the exam

_AXIAL = (0.9, 0.9, 5.0)


def _geometry(**changed: Geometry) -> dict[str, Geometry]:
    common = {
        "T1w": Geometry((1.0, 1.0, 1.0), (192, 260, 320)),
        "T2w": Geometry((0.8, 0.8, 0.8), (64, 320, 320)),
        "T2star": Geometry((0.5, 0.5, 5.0), (448, 448, 15)),
        "dwi": Geometry(_AXIAL, (96, 36, 15)),
        "MTS": Geometry(_AXIAL, (256, 256, 22)),
    }
    return common | changed


SIEMENS = Vendor(
    name="siemens",
    manufacturer="Siemens",
    model="Prisma_fit",
    software="syngo MR E11",
    coil="HeadNeck_64",
    frequency=123.2567,
    timing={
        "T1w": Timing(2.0, 0.00372, 9, 1.0),
        "T2w": Timing(1.5, 0.12, 120),
        "dwi": Timing(0.62, 0.06, 90),
        "MTon": Timing(0.035, 0.00313, 9),
        "MToff": Timing(0.035, 0.00313, 9),
        "GRE-T1w": Timing(0.015, 0.00313, 15),
        "T2star": Timing(0.6, 0.014, 30),
    },
    geometry=_geometry(),
    echoes=(0.007, 0.014, 0.021),
    scheme=(1, 30, 4),
)

GE = Vendor(
    name="ge",
    manufacturer="GE",
    model="DISCOVERY MR750",
    software="27\\LX\\MR Software release:DV26.0_R02_1810.b",
    coil="HNS Head-Neck",
    frequency=127.7649,
    timing={
        "T1w": Timing(0.003568, 0.001244, 9, 1.0),
        "T2w": Timing(2.5, 0.1234, 90),
        "dwi": Timing(4.5, 0.0648, 90),
        "MTon": Timing(0.035, 0.004, 9),
        "MToff": Timing(0.035, 0.004, 9),
        "GRE-T1w": Timing(0.015, 0.004, 15),
        "T2star": Timing(0.6, 0.0116, 30),
    },
    geometry=_geometry(dwi=Geometry(_AXIAL, (96, 48, 15)), MTS=Geometry(_AXIAL, (192, 192, 22))),
    echoes=(0.005, 0.0116, 0.0182),
    scheme=(5, 30, 0),
)

PHILIPS = Vendor(
    name="philips",
    manufacturer="Philips",
    model="Ingenia",
    software="5.3.1\\5.3.1.1",
    coil="MULTI COIL",
    frequency=127.7633,
    timing={
        "T1w": Timing(0.0078, 0.0035, 9),
        "T2w": Timing(3.5, 0.12, 90),
        "dwi": Timing(3.429, 0.07, 90),
        "MTon": Timing(0.057, 0.002, 9),
        "MToff": Timing(0.057, 0.002, 9),
        "GRE-T1w": Timing(0.015, 0.002, 15),
        "T2star": Timing(0.6, 0.0072, 30),
    },
    geometry=_geometry(
        T2w=Geometry((0.8, 0.8, 0.8), (63, 320, 320)),
        dwi=Geometry((0.88, 0.88, 5.0), (64, 64, 15)),
    ),
    echoes=(0.0072, 0.0137, 0.0202),
    scheme=(1, 32, 0),
)

VENDORS: dict[str, Vendor] = {v.name: v for v in (SIEMENS, GE, PHILIPS)}

B_VALUE = 800.0  # s/mm2
SHOT_INTERVAL = 2.0  # s; T1w's recovery time where TR means the echo spacing (GE, Philips)
INVERSION = 1.0  # s
